package router

import (
	"strings"
	"testing"
)

func TestDevicesAreCalledInWords(t *testing.T) {
	const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
	for agent, want := range map[string]string{
		chrome:                "Windows，Chrome",
		chrome + " Edg/142.0": "Windows，Edge",
		"Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1": "iPad，Safari",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36":         "安卓，Chrome",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                           "Linux，Firefox",
		"curl/8.5.0":              "curl/8.5.0",
		"\x00\x1b[31mstrange\xff": "[31mstrange",
		"":                        "",
		strings.Repeat("长", 100):  strings.Repeat("长", deviceLength),
	} {
		if got := deviceOf(agent); got != want {
			t.Errorf("%q is called %q, want %q", agent, got, want)
		}
	}
}
