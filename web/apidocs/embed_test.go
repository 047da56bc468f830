package apidocs

import (
	"io/fs"
	"regexp"
	"testing"
)

func TestThePageIsWholeOnceBuilt(t *testing.T) {
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
	for _, link := range regexp.MustCompile(`(?:src|href)="\./([^"]+)"`).FindAllSubmatch(page, -1) {
		if _, err := fs.Stat(Files(), string(link[1])); err != nil {
			t.Error(err)
		}
	}
	if regexp.MustCompile(`<script>|<style| on[a-z]+=|style=`).Match(page) {
		t.Error("the page holds inline code, which the Content-Security-Policy forbids")
	}
}
