// Package apidocs is the page on which people read the OpenAPI document. It is built by
// make web and not kept in git; until then Built is false.
package apidocs

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files are the files of the page; index.html is the one to open. They fetch the
// document from /api/openapi.json.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // only for a path that is not one, and "dist" is
	}
	return files
}

// Built tells whether the page was built before the program was.
func Built() bool {
	_, err := fs.Stat(Files(), "index.html")
	return err == nil
}
