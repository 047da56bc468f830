package model_test

import (
	"strings"
	"testing"

	"jiamenkou/model"
	"jiamenkou/model/fault"
)

func TestPasswords(t *testing.T) {
	plain, strict := model.PasswordRules{MinLength: 12, Kinds: 1}, model.PasswordRules{MinLength: 12, Kinds: 3}
	for _, c := range []struct {
		rules    model.PasswordRules
		password string
		want     *fault.Error
	}{
		{plain, "grauer kiesel im bach", nil},
		{plain, "春风又绿江南岸明月何时照", nil},
		{plain, "tVq7-mKe2-xPw9", nil},
		{plain, "tVq7-mKe2", model.ErrPasswordLength},
		{plain, strings.Repeat("tVq7-mKe2-xPw9-", 9), model.ErrPasswordLength},
		{plain, "password1234", model.ErrPasswordCommon},
		{plain, "P@ssw0rd2024!", model.ErrPasswordCommon},
		{plain, "woaini5201314", model.ErrPasswordCommon},
		{plain, "wangwei19900101", model.ErrPasswordCommon},
		{plain, "zhangli-1985-3-12", model.ErrPasswordCommon},
		{plain, "1qaz2wsx3edc4rfv", model.ErrPasswordCommon},
		{plain, "qwertyuiop123", model.ErrPasswordCommon},
		{plain, "abcdefghijklmn", model.ErrPasswordCommon},
		{plain, "aaaaaaaaaaaa", model.ErrPasswordCommon},
		{plain, "121212121212", model.ErrPasswordCommon},
		{plain, "13800138000abc", model.ErrPasswordCommon},
		{plain, "Shanghai@2026", model.ErrPasswordCommon},
		{plain, "jiamenkou8888", model.ErrPasswordCommon},
		{plain, "xx-MUSTER.k-99tq", model.ErrPasswordPersonal},
		{plain, "示例老师vq7mke2xpw", model.ErrPasswordPersonal},
		{strict, "grauer kiesel imbach", model.ErrPasswordKinds},
		{strict, "Grauer kiesel im bach", nil},
	} {
		wantFault(t, c.password, c.rules.Check(model.NormalPassword(c.password), "muster.k", "示例老师"), c.want)
	}
}

func wantFault(t *testing.T, what string, err error, want *fault.Error) {
	t.Helper()
	got := fault.Of(err)
	if (got == nil) != (want == nil) || got != nil && got.Code != want.Code {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// However it is typed, it is the same password.
func TestPasswordsHaveOneForm(t *testing.T) {
	if model.NormalPassword("ｋｉｅｓｅｌ１２") != "kiesel12" || model.NormalPassword("e\u0301") != "\u00e9" {
		t.Error("full width and composed letters differ")
	}
}

func TestLoginNames(t *testing.T) {
	for typed, want := range map[string]string{
		" Muster.K ": "muster.k", "ａｂｃ": "abc", "a-b_c.9": "a-b_c.9",
		"ab": "", "9ab": "", "示例": "", "a b c": "", "a@b.c": "", "": "", strings.Repeat("a", 41): "",
	} {
		got, err := model.NormalLogin(typed)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v", typed, got, err)
		}
	}
}

func FuzzPasswordRules(f *testing.F) {
	f.Add("grauer kiesel im bach", "muster")
	f.Add("\xff\x00", "\xff")
	f.Fuzz(func(t *testing.T, password, login string) {
		normal := model.NormalPassword(password)
		rules := model.PasswordRules{MinLength: 12, Kinds: 1}
		if rules.Check(normal, login, "示例") == nil && len([]rune(normal)) < 12 {
			t.Errorf("%q is long enough", password)
		}
		if got, err := model.NormalLogin(login); err == nil {
			if again, err := model.NormalLogin(got); again != got || err != nil {
				t.Errorf("%q is %q is %q", login, got, again)
			}
		}
	})
}
