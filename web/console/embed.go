// Package console is the staff console's pages. They are built by make web and not kept in git; until then Built is
// false.
package console

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files are the files of the pages: index.html, and under assets/ files whose names change with their content, with a
// smaller .gz beside those worth it.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // only for a path that is not one, and "dist" is
	}
	return files
}

// Built tells whether the pages were built before the program was.
func Built() bool {
	_, err := fs.Stat(Files(), "index.html")
	return err == nil
}
