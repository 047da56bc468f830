package console

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

func TestThePagesAreWholeOnceBuilt(t *testing.T) {
	if !Built() {
		if _, err := fs.Stat(Files(), ".gitkeep"); err != nil {
			t.Fatal(err)
		}
		return // nothing more to judge before make web
	}
	page, err := fs.ReadFile(Files(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllSubmatch(page, -1)
	if len(links) == 0 {
		t.Error("index.html loads nothing")
	}
	for _, link := range links {
		name, ours := strings.CutPrefix(string(link[1]), "/console/")
		if _, err := fs.Stat(Files(), name); !ours || err != nil {
			t.Errorf("%s: %v", link[1], err)
		}
	}
	if regexp.MustCompile(`<script>|<style| on[a-z]+=|style=`).Match(page) {
		t.Error("index.html holds inline code, which the Content-Security-Policy forbids")
	}
}
