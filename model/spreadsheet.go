package model

import "strings"

// Harmless keeps a text from being taken for a formula by whatever opens the file it stands in, now or after it was saved
// anew: what begins like one gets an apostrophe in front, blanks before it or full-width signs notwithstanding.
func Harmless(text string) string {
	begins := strings.TrimLeft(text, " \u00a0\u3000\u200b\ufeff")
	if strings.IndexFunc(begins, func(r rune) bool { return strings.ContainsRune("=+-@\t\r\n＝＋－＠", r) }) == 0 {
		return "'" + text
	}
	return text
}
