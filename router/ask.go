package router

// What is embedded in what is asked is exported, since huma passes over what is not.

// ByID names a record by its address.
type ByID struct {
	ID string `path:"id" doc:"编号"`
}

// Keyed is what every request that changes places carries: sent again with the same key, it is carried out once.
type Keyed struct {
	Key string `header:"Idempotency-Key" required:"true" pattern:"^[0-9A-Za-z_-]{8,64}$" doc:"请求编号：同一件事重试时保持不变"`
}

// Seen says which version of a record a change was made on.
type Seen struct {
	Version int `json:"version" minimum:"0" doc:"看到的版本"`
}

// Page asks for a part of a list, newest first.
type Page struct {
	After string `query:"after" maxLength:"26" doc:"上一页最后一条的编号；不填从头开始"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

// NumberedPage asks for a page of a list by its number, in the address or in the body.
type NumberedPage struct {
	Page     int `query:"page" json:"page,omitempty" minimum:"1" maximum:"10000" default:"1"`
	PageSize int `query:"page_size" json:"page_size,omitempty" minimum:"1" maximum:"100" default:"20"`
}
