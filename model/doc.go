// Package model is what the community knows: records with their pure rules, all SQL, and the migrations. A record and
// its rules stand in one file, the SQL on it in the _store file beside it. Nothing here knows of HTTP, WeChat or Redis.
package model
