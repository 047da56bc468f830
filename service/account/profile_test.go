package account_test

import (
	"context"
	"errors"
	"testing"

	"jiamenkou/adapter/wechat/fake"
	"jiamenkou/model"
	"jiamenkou/service/account"
)

func nickname(text string) account.ProfileChange { return account.ProfileChange{Nickname: &text} }

func TestNicknameIsChecked(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.signIn("oMother")
		_, err := h.ChangeProfile(ctx, resident, nickname("小满妈妈"))
		h.must(err)
		for name, c := range map[string]struct {
			nickname string
			fault    *fake.Fault
			want     error
		}{
			"risky":               {fake.RiskyWord, nil, account.ErrNicknameRefused},
			"for a human to see":  {fake.ReviewWord, nil, account.ErrNicknameRefused},
			"WeChat is down":      {"好名字", &fake.Fault{Status: 502}, account.ErrWeChatUnavailable},
			"WeChat says nothing": {"好名字", &fake.Fault{Body: `{"errcode":0,"errmsg":"ok"}`}, account.ErrWeChatUnavailable},
			"WeChat babbles":      {"好名字", &fake.Fault{Body: `{"errcode":0,"result":{"suggest":"fine"}}`}, account.ErrWeChatUnavailable},
			"half an answer":      {"好名字", &fake.Fault{CutBody: true}, account.ErrWeChatUnavailable},
		} {
			if c.fault != nil {
				h.wechat.Fail(fake.PathCheckText, *c.fault, -1)
			}
			if _, err := h.ChangeProfile(ctx, resident, nickname(c.nickname)); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
			h.wechat.Heal(fake.PathCheckText)
			if me, err := h.Me(ctx, resident); err != nil || me.Nickname != "小满妈妈" {
				t.Errorf("%s: now called %q, %v", name, me.Nickname, err)
			}
		}
		asked := len(h.wechat.CallsTo(fake.PathCheckText))
		for _, text := range []string{"小满妈妈", "", ""} { // nothing new to check
			me, err := h.ChangeProfile(ctx, resident, nickname(text))
			if err != nil || me.Nickname != text {
				t.Errorf("%q gave %q, %v", text, me.Nickname, err)
			}
		}
		if again := len(h.wechat.CallsTo(fake.PathCheckText)); again != asked {
			t.Errorf("WeChat was asked %d times more", again-asked)
		}
	})
}

func TestSubdistrictIsKnown(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.signIn("oMother")
		there, nowhere, name := "310104017", "310104999", "小满妈妈"
		me, err := h.ChangeProfile(ctx, resident, account.ProfileChange{Nickname: &name, Subdistrict: &there})
		if err != nil || me.Subdistrict.Name != "漕河泾街道" || me.Nickname != name {
			t.Errorf("now %+v, %v", me, err)
		}
		other := "小满爸爸"
		_, err = h.ChangeProfile(ctx, resident, account.ProfileChange{Nickname: &other, Subdistrict: &nowhere})
		h.want(err, model.ErrSubdistrictNotFound)
		if me, err = h.ChangeProfile(ctx, resident, account.ProfileChange{}); err != nil || me.Nickname != name || me.SubdistrictCode != there {
			t.Errorf("half of a refused change stayed: %+v, %v", me, err)
		}
	})
}

func TestPhone(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.signIn("oMother")
		index := func() string {
			who, err := h.Store.FindResident(ctx, resident)
			h.must(err)
			return string(who.PhoneIndex)
		}
		me, err := h.TypePhone(ctx, resident, "13800138000")
		if err != nil || me.Phone != "13800138000" || me.PhoneVerifiedAt != nil {
			t.Errorf("typed: %q verified %v, %v", me.Phone, me.PhoneVerifiedAt, err)
		}
		typed := index()
		me, err = h.VerifyPhone(ctx, resident, h.wechat.IssuePhoneCode("13800138000"))
		if err != nil || me.Phone != "13800138000" || me.PhoneVerifiedAt == nil || !me.PhoneVerifiedAt.Equal(h.clock.now()) {
			t.Errorf("verified: %q verified %v, %v", me.Phone, me.PhoneVerifiedAt, err)
		}
		if index() != typed {
			t.Error("the same number, typed and verified, has two indexes")
		}
		me, err = h.TypePhone(ctx, resident, "13900139000")
		if err != nil || me.Phone != "13900139000" || me.PhoneVerifiedAt != nil {
			t.Errorf("typed again: %q verified %v, %v", me.Phone, me.PhoneVerifiedAt, err)
		}
		if n := h.db.Count(t, "SELECT COUNT(*) FROM residents WHERE phone_sealed LIKE '%139%' OR phone_index LIKE '%139%'"); n != 0 {
			t.Error("the number stands in plain text")
		}
		me, err = h.VerifyPhone(ctx, resident, h.wechat.IssuePhoneCode("+85291234567"))
		if err != nil || me.Phone != "+85291234567" {
			t.Errorf("a number from Hong Kong: %q, %v", me.Phone, err)
		}
	})
}

func TestPhoneRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.signIn("oMother")
		for _, number := range []string{"", "1380013800", "138001380000", "12800138000", "+8613800138000", "138 0013 8000", "１３８００１３８０００", "13800138000\n"} {
			if _, err := h.TypePhone(ctx, resident, number); !errors.Is(err, account.ErrPhoneInvalid) {
				t.Errorf("%q: %v", number, err)
			}
		}
		_, err := h.VerifyPhone(ctx, resident, "0nonsense")
		h.want(err, account.ErrPhoneCode)
		h.wechat.Fail(fake.PathPhone, fake.Fault{Status: 502}, -1)
		_, err = h.VerifyPhone(ctx, resident, h.wechat.IssuePhoneCode("13800138000"))
		h.want(err, account.ErrWeChatUnavailable)
		if me, err := h.Me(ctx, resident); err != nil || me.Phone != "" {
			t.Errorf("the phone is %q, %v", me.Phone, err)
		}
	})
}

// slowWeChat lets something happen while a text is being checked.
type slowWeChat struct {
	account.WeChat
	meanwhile func()
}

func (w slowWeChat) CheckText(ctx context.Context, openID string, scene int, text string) (string, error) {
	suggest, err := w.WeChat.CheckText(ctx, openID, scene, text)
	w.meanwhile()
	return suggest, err
}

// Two changes at once both stay: the phone is not lost while WeChat thinks about the nickname.
func TestChangesDoNotOverwriteEachOther(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.signIn("oMother")
		h.WeChat = slowWeChat{h.WeChat, func() {
			_, err := h.TypePhone(ctx, resident, "13800138000")
			h.must(err)
		}}
		me, err := h.ChangeProfile(ctx, resident, nickname("小满妈妈"))
		if err != nil || me.Nickname != "小满妈妈" || me.Phone != "13800138000" {
			t.Errorf("now called %q with the phone %q, %v", me.Nickname, me.Phone, err)
		}
	})
}
