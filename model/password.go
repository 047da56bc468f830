package model

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"jiamenkou/model/fault"
)

var (
	ErrPasswordLength   = fault.New(fault.Invalid, "password_length", "密码的长度不对。")
	ErrPasswordCommon   = fault.New(fault.Invalid, "password_common", "这个密码太常见、容易被猜到（如姓名拼音、生日、连续的数字或键盘顺序），请换一个。")
	ErrPasswordPersonal = fault.New(fault.Invalid, "password_personal", "密码不能含有登录名或姓名。")
	ErrPasswordKinds    = fault.New(fault.Invalid, "password_kinds", "密码所含的字符种类不够：大写字母、小写字母、数字、其他符号。")
	ErrPasswordReused   = fault.New(fault.Invalid, "password_reused", "这个密码以前用过，请换一个新的。")
)

// PasswordRules is what a password must be.
type PasswordRules struct {
	MinLength int // characters
	Kinds     int // of upper case, lower case, digits, others: so many must occur; 1 demands nothing
}

// MaxPasswordLength is in characters, and keeps hashing cheap.
const MaxPasswordLength = 128

// NormalPassword is the one form of a password: however a keyboard composes its letters, it is the same.
func NormalPassword(password string) string { return norm.NFKC.String(password) }

// Check judges a password in its normal form for somebody.
func (r PasswordRules) Check(password, login, name string) error {
	length := utf8.RuneCountInString(password)
	switch {
	case length < r.MinLength || length > MaxPasswordLength:
		return ErrPasswordLength.WithMessage("密码应为%d到%d个字符。", r.MinLength, MaxPasswordLength)
	case contains(password, login) || contains(password, name):
		return ErrPasswordPersonal
	case kindsIn(password) < r.Kinds:
		return ErrPasswordKinds
	case easilyGuessed(password):
		return ErrPasswordCommon
	}
	return nil
}

// contains looks for somebody's own word; a name of one letter is in everything.
func contains(password, word string) bool {
	word = strings.ToLower(NormalPassword(word))
	return utf8.RuneCountInString(word) > 1 && strings.Contains(strings.ToLower(password), word)
}

func kindsIn(password string) int {
	seen := map[int]bool{}
	for _, r := range password {
		switch {
		case unicode.IsUpper(r):
			seen[0] = true
		case unicode.IsLower(r):
			seen[1] = true
		case unicode.IsDigit(r):
			seen[2] = true
		default:
			seen[3] = true
		}
	}
	return len(seen)
}

//go:embed common_passwords.txt
var commonText string

// commonWords are parts that passwords are made of here, the longest first.
var commonWords = func() []string {
	words := strings.Fields(commonText)
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}()

// birthday finds dates as people type them: 19900101, 900101, 1990-1-1, and years.
var birthday = regexp.MustCompile(`(19|20)\d\d[-./年]?(0?[1-9]|1[0-2])[-./月]?(0[1-9]|[12]\d|3[01]|[1-9])日?|\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])|(19|20)\d\d`)

// mobile finds mobile numbers.
var mobile = regexp.MustCompile(`1[3-9]\d{9}`)

const (
	leastDistinct = 5 // characters in a password
	leastUnknown  = 4 // characters that are left once everything common has been taken out
)

// easilyGuessed takes everything common out and looks at what is left: whoever guesses tries the parts put together.
func easilyGuessed(password string) bool {
	text := strings.ToLower(password)
	if distinct(text) < leastDistinct {
		return true
	}
	for _, plain := range []string{text, unleet.Replace(text)} {
		if unknown(plain) < leastUnknown {
			return true
		}
	}
	return false
}

// unleet writes letters that look like others as those.
var unleet = strings.NewReplacer("@", "a", "0", "o", "1", "l", "!", "i", "3", "e", "$", "s", "5", "s")

// gap stands where something common was, so that nothing new is made of its neighbours.
const gap = "\x00"

func unknown(text string) int {
	text = mobile.ReplaceAllString(text, gap)
	text = birthday.ReplaceAllString(text, gap)
	for _, word := range commonWords {
		text = strings.ReplaceAll(text, word, gap)
	}
	left := 0
	var last rune
	for _, r := range text {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r)
		if letter && r != last && r != last+1 && r != last-1 { // a row such as 1234 or aaaa is worth its first
			left++
		}
		last = r
	}
	return left
}

func distinct(text string) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}

// loginForm is what a login name looks like.
var loginForm = regexp.MustCompile(`^[a-z][a-z0-9._-]{2,39}$`)

// NormalLogin is the one form of a login name; ErrLoginInvalid for what is none.
func NormalLogin(login string) (string, error) {
	login = strings.ToLower(strings.TrimSpace(NormalPassword(login)))
	if !loginForm.MatchString(login) {
		return "", ErrLoginInvalid
	}
	return login, nil
}
