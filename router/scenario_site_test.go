package router_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"strings"

	"jiamenkou/model"
)

// upload is a form with a caption and a picture.
func upload(caption string, photo []byte) with {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("caption", caption) // a buffer takes everything
	part, _ := w.CreateFormFile("photo", "示例.png")
	_, _ = part.Write(photo)
	_ = w.Close()
	return func(r *http.Request) {
		r.Header.Set("Content-Type", w.FormDataContentType())
		bytesBody(form.Bytes())(r)
	}
}

// painted is a picture of one colour, as PNG.
func painted(width, height int, shade color.Color) []byte {
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		p.Set(i%width, i/width, shade)
	}
	var out bytes.Buffer
	_ = png.Encode(&out, p) // a buffer takes everything
	return out.Bytes()
}

type siteSeen struct {
	ID, Name, Status, Hours, Phone string
	Version                        int
	Latitude, Longitude            float64
	Rooms                          []roomSeen
	Carers                         []carerSeen
	Photos                         []struct{ URL, Caption string }
	Warnings                       struct{ Expired, Expiring, Lacking int }
}

type roomSeen struct {
	ID, Name, Status string
	Version          int
}

type carerSeen struct {
	ID, Name, Status string
	Version          int
	Missing          []string
	Certificates     []struct {
		Kind, Standing string
		ExpiresOn      string `json:"expires_on"`
	}
}

// keptSite is a site of a scenario's own, with an administrator of its subdistrict.
type keptSite struct {
	plannedSite
	boss *person
}

func (h *house) keptSite() keptSite {
	h.t.Helper()
	return keptSite{h.plannedSite(), h.staff(model.RoleAdministrator, "subdistrict", "310104013")}
}

func (k keptSite) seen() (s siteSeen) {
	k.t.Helper()
	k.ask("GET", k.address(""), as(k.boss)).is(200).read(&s)
	return s
}

// form is what is filled in of a site, on a version unless that is negative; more takes the place of what is there.
func (k keptSite) form(version int, more string) with {
	fields := `"subdistrict_code":"310104013","name":"示例宝宝屋","host_kind":"邻里汇","host_name":"示例邻里汇","address":"示例路2号","latitude":31.16,"longitude":121.42,"phone":"021-64000000转8","hours":"周一至周五 9:00–16:30","intro":""`
	for part := range strings.SplitSeq(more, ";") {
		if name, _, found := strings.Cut(part, ":"); found {
			at := strings.Index(fields, name)
			rest := fields[at+len(name)+1:]
			end := len(rest)
			if i := strings.Index(rest, `,"`); i >= 0 {
				end = i
			}
			fields = fields[:at] + part + rest[end:]
		}
	}
	if version >= 0 {
		fields += fmt.Sprintf(`,"version":%d`, version)
	}
	return body("{%s}", fields)
}

var siteScenarios = []scenario{
	{"a site is opened and changed", func(h *house) {
		k := h.keptSite()
		key := h.key()
		var made, again siteSeen
		h.ask("POST", console+"/sites", as(k.boss), key, k.form(-1, "")).is(201).read(&made)
		h.ask("POST", console+"/sites", as(k.boss), key, k.form(-1, "")).is(201).read(&again)
		if made.ID != again.ID || made.Status != "suspended" || made.Version != 1 {
			h.t.Errorf("the site is %+v, then %+v", made, again)
		}
		k.Site.ID = made.ID
		h.refuses(409, "site_status_same", "POST", k.address("/suspension"), as(k.boss), body(`{"version":1,"reason":"试"}`))
		h.refuses(422, "reason_invalid", "POST", k.address("/reopening"), as(k.boss), body(`{"version":1,"reason":" "}`))
		h.ask("POST", k.address("/reopening"), as(k.boss), body(`{"version":1,"reason":"开张"}`)).is(200)
		h.ask("PUT", k.address(""), as(k.boss), k.form(2, `"hours":"每天 8:00–18:00"`)).is(200).read(&made)
		if made.Hours != "每天 8:00–18:00" || made.Version != 3 || made.Status != "open" {
			h.t.Errorf("after the change %+v", made)
		}
		var list nearby // at once, though sites are kept in memory
		h.ask("GET", "/api/v1/sites?near=31.16,121.42&limit=100").is(200).read(&list)
		if len(list.Items) == 0 || list.Items[0].ID != made.ID || *list.Items[0].Distance != 0 {
			h.t.Errorf("residents do not find it: %+v", list.Items)
		}
		h.refuses(409, "changed_meanwhile", "PUT", k.address(""), as(k.boss), k.form(2, ""))
		h.ask("POST", k.address("/suspension"), as(k.boss), body(`{"version":3,"reason":"装修"}`)).is(200)
		if events := h.column(`SELECT CONCAT(from_state, '>', to_state, ' ', reason) FROM events WHERE subject_id = ? ORDER BY id`, made.ID); strings.Join(events, "; ") !=
			">suspended ; suspended>open 开张; open>open 改接待时间; open>suspended 装修" {
			h.t.Errorf("the history is %v", events)
		}
	}},
	{"sites that cannot be", func(h *house) {
		k := h.keptSite()
		refused := func(status int, code, more string) {
			h.t.Helper()
			h.refuses(status, code, "POST", console+"/sites", as(k.boss), h.key(), k.form(-1, more))
		}
		refused(422, "site_incomplete", `"name":" "`)
		refused(422, "site_phone_invalid", `"phone":"call me"`)
		refused(422, "site_position_invalid", `"latitude":39.9`)
		refused(422, "site_position_invalid", `"latitude":121.42`)
		refused(404, "subdistrict_not_found", `"subdistrict_code":"310104017"`) // not hers
		h.refuses(404, "subdistrict_not_found", "PUT", k.address(""), as(k.boss), k.form(0, `"subdistrict_code":"310104017"`))
		one := h.staff(model.RoleAdministrator, "site", k.Site.ID)
		h.refuses(404, "subdistrict_not_found", "POST", console+"/sites", as(one), h.key(), k.form(-1, ""))
		h.refuses(404, "site_not_found", "GET", console+"/sites/none", as(k.boss))
		h.refuses(403, "not_permitted", "PUT", k.address(""), as(k.keeper), k.form(0, ""))
	}},
	{"the list of sites", func(h *house) {
		k := h.keptSite()
		var out struct {
			Items []siteSeen
			Total int
		}
		h.ask("GET", console+"/site-cards?page_size=1&subdistrict=310104013&status=open", as(k.boss)).is(200).read(&out)
		if len(out.Items) != 1 || out.Total < 1 {
			h.t.Errorf("the first page is %+v", out)
		}
		h.ask("GET", console+"/site-cards?text="+k.Site.Name, as(k.keeper)).is(200).read(&out)
		if out.Total != 1 || out.Items[0].ID != k.Site.ID || out.Items[0].Warnings.Lacking != 1 {
			h.t.Errorf("by name, for the keeper: %+v", out)
		}
		h.ask("GET", console+"/site-cards?page=9", as(k.keeper)).is(200).read(&out)
		if out.Total != 1 || len(out.Items) != 0 {
			h.t.Errorf("behind the end: %+v", out)
		}
		h.refuses(422, "invalid_request", "GET", console+"/site-cards?page_size=101", as(k.boss))
	}},
	{"rooms", func(h *house) {
		k := h.keptSite()
		template, slot := k.plan(3, "示例旧名", 2)
		var room roomSeen
		for _, r := range k.seen().Rooms {
			if r.Name == "示例旧名" {
				room = r
			}
		}
		at, version := console+"/rooms/"+room.ID, func(v int, more string) with { return body(`{"version":%d%s}`, v, more) }
		h.ask("PUT", at, as(k.boss), version(1, `,"name":"示例新名","note":"朝南"`)).is(200)
		var renamed slotSeen
		h.ask("GET", console+"/slots/"+slot.ID, as(k.keeper)).is(200).read(&renamed)
		if renamed.Room != "示例新名" {
			h.t.Errorf("its slot is in %s", renamed.Room)
		}
		h.refuses(409, "changed_meanwhile", "PUT", at, as(k.boss), version(1, `,"name":"又一名","note":""`))
		h.ask("POST", k.address("/rooms"), as(k.boss), body(`{"name":"示例邻房","note":""}`)).is(201)
		h.refuses(409, "room_exists", "PUT", at, as(k.boss), version(2, `,"name":"示例邻房","note":""`))
		h.refuses(422, "room_unnamed", "PUT", at, as(k.boss), version(2, `,"name":" ","note":""`))
		h.refuses(409, "room_in_use", "POST", at+"/retirement", as(k.boss), version(2, ""))
		h.refuses(404, "room_not_found", "POST", console+"/rooms/none/retirement", as(k.boss), version(2, ""))
		h.refuses(409, "room_exists", "POST", k.address("/rooms"), as(k.boss), body(`{"name":"示例新名","note":""}`))
		h.refuses(422, "room_unnamed", "POST", k.address("/rooms"), as(k.boss), body(`{"name":" ","note":""}`))
		h.ask("POST", console+"/templates/"+template.ID+"/ending", as(k.keeper), h.key(), body(`{"last_day":%q,"reason":"停开"}`, k.day(0))).is(200)
		h.ask("POST", k.address("/rooms"), as(k.boss), body(`{"name":"示例空房","note":""}`)).is(201).read(&room)
		at = console + "/rooms/" + room.ID
		h.ask("POST", at+"/retirement", as(k.boss), version(1, "")).is(200).read(&room)
		h.refuses(409, "room_retired", "POST", k.address("/templates"), as(k.keeper), h.key(), k.template(3, "示例空房", "15:00", "16:00", `,"capacity":2`))
		h.ask("POST", at+"/restoration", as(k.boss), version(room.Version, "")).is(200)
		h.ask("POST", k.address("/templates"), as(k.keeper), h.key(), k.template(3, "示例空房", "15:00", "16:00", `,"capacity":2`)).is(201)
	}},
	{"carers and their certificates", func(h *house) {
		k := h.keptSite()
		day := func(ahead int) string { return h.world.Day(ahead).String() }
		certificate := func(kind string, from, to int) string {
			return fmt.Sprintf(`{"kind":%q,"issuer":"示例市教育局","issued_on":%q,"expires_on":%q}`, kind, day(from), day(to))
		}
		form := func(more string, certificates ...string) with {
			return body(`{"name":"示例老师阿桂","title":"照护老师","intro":"","certificates":[%s]%s}`, strings.Join(certificates, ","), more)
		}
		key, good := h.key(), form("", certificate("教师资格证", -400, 59), certificate("高级育婴师证", -400, -1))
		var made, again carerSeen
		h.ask("POST", k.address("/carers"), as(k.boss), key, good).is(201).read(&made)
		h.ask("POST", k.address("/carers"), as(k.boss), key, good).is(201).read(&again)
		if made.ID != again.ID || made.Certificates[0].Standing != "expiring" || made.Certificates[1].Standing != "expired" || strings.Join(made.Missing, "") != "高级育婴师证" {
			h.t.Errorf("the carer is %+v, then %+v", made, again)
		}
		if w := k.seen().Warnings; w.Expired != 1 || w.Expiring != 1 || w.Lacking != 2 { // the world's own carer lacks one too
			h.t.Errorf("staff are warned of %+v", w)
		}
		h.refuses(422, "carer_incomplete", "POST", k.address("/carers"), as(k.boss), h.key(), body(`{"name":" ","title":"","intro":"","certificates":[]}`))
		h.refuses(422, "certificate_dates_invalid", "POST", k.address("/carers"), as(k.boss), h.key(), form("", certificate("教师资格证", 1, 59)))
		h.refuses(422, "certificate_dates_invalid", "POST", k.address("/carers"), as(k.boss), h.key(), form("", certificate("教师资格证", -9, -9)))
		at := console + "/carers/" + made.ID
		h.ask("PUT", at, as(k.boss), form(`,"version":1`, certificate("教师资格证", -400, 600), certificate("高级育婴师证", -1, 600))).is(200).read(&made)
		if len(made.Missing) != 0 || len(made.Certificates) != 2 || made.Version != 2 {
			h.t.Errorf("after the change %+v", made)
		}
		h.refuses(409, "changed_meanwhile", "PUT", at, as(k.boss), form(`,"version":1`))
		h.refuses(409, "carer_status_same", "POST", at+"/return", as(k.boss), body(`{"version":2}`))
		h.ask("POST", at+"/leaving", as(k.boss), body(`{"version":2}`)).is(200)
		h.refuses(409, "carer_status_same", "POST", at+"/leaving", as(k.boss), body(`{"version":3}`))
		h.ask("POST", at+"/return", as(k.boss), body(`{"version":3}`)).is(200)
		h.refuses(409, "carer_planned", "POST", console+"/carers/"+k.carer.ID+"/leaving", as(k.boss), body(`{"version":0}`))
		h.refuses(404, "carer_not_found", "POST", console+"/carers/none/leaving", as(k.boss), body(`{"version":0}`))
	}},
	{"photos", func(h *house) {
		k := h.keptSite()
		send := func(caption string, photo []byte) answer {
			return h.ask("POST", k.address("/photos"), as(k.boss), upload(caption, photo))
		}
		red := painted(400, 300, color.RGBA{200, 0, 0, 255})
		send(" ", red).says(422, "photo_caption_missing")
		send("示例", []byte("GIF89a")).says(422, "photo_unreadable")
		send("示例", bomb()).says(422, "photo_too_large")
		send("示例", make([]byte, testMaxUpload+8192)).says(413, "body_too_large")
		h.ask("POST", k.address("/photos"), as(k.boss), body(`{}`)).says(400, "upload_malformed")
		send("门口", red).is(201)
		send("又是门口", red).says(409, "photo_exists")
		send("积木区", painted(300, 400, color.RGBA{0, 0, 200, 255})).is(201)
		send("第三张", painted(30, 40, color.Black)).says(409, "too_many_photos")

		var detail siteSeen // as residents read it
		h.ask("GET", "/api/v1/sites/"+k.Site.ID).is(200).read(&detail)
		if len(detail.Photos) != 2 || detail.Photos[0].Caption != "门口" {
			h.t.Fatalf("residents see %+v", detail.Photos)
		}
		first, second := detail.Photos[0].URL, detail.Photos[1].URL
		got := h.ask("GET", first).is(200)
		if p, err := jpeg.DecodeConfig(bytes.NewReader(got.body)); err != nil || p.Width != 400 || p.Height != 300 {
			h.t.Errorf("the picture is %+v, %v", p, err)
		}
		if got.header.Get("Content-Type") != "image/jpeg" || !strings.Contains(got.header.Get("Content-Security-Policy"), "default-src 'none'") {
			h.t.Errorf("it comes with %v", got.header)
		}
		arrange := func(version int, photos string) with { return body(`{"version":%d,"photos":[%s]}`, version, photos) }
		one := func(url, caption string) string { return fmt.Sprintf(`{"url":%q,"caption":%q}`, url, caption) }
		h.refuses(422, "photos_unknown", "PUT", k.address("/photos"), as(k.boss), arrange(k.seen().Version, one(first, "甲")+","+one(first, "乙")))
		h.refuses(422, "photo_caption_missing", "PUT", k.address("/photos"), as(k.boss), arrange(k.seen().Version, one(first, " ")))
		h.refuses(409, "changed_meanwhile", "PUT", k.address("/photos"), as(k.boss), arrange(0, one(first, "甲")))
		h.ask("PUT", k.address("/photos"), as(k.boss), arrange(k.seen().Version, one(second, "乙")+","+one(first, "甲"))).is(200).read(&detail)
		if detail.Photos[0].URL != second || detail.Photos[1].Caption != "甲" {
			h.t.Errorf("in the other order: %+v", detail.Photos)
		}
		h.ask("PUT", k.address("/photos"), as(k.boss), arrange(k.seen().Version, one(second, "乙"))).is(200)
		h.ask("GET", first).says(404, "photo_not_found")
		h.ask("GET", second).is(200)
	}},
}

// bomb is a PNG of a few bytes that claims 30000 × 30000 pixels.
func bomb() []byte {
	small := painted(1, 1, color.Black)
	copy(small[16:], []byte{0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30})
	return sealPNG(small)
}

// sealPNG mends the checksum of the header.
func sealPNG(file []byte) []byte {
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	return file
}
