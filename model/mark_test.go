package model_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"jiamenkou/model"
)

// judged is when the marks are judged; mark gives one so many days earlier.
var judged = instant("2026-11-23T08:00:00Z")

func mark(daysAgo, points int) model.Mark {
	return model.Mark{Points: points, CreatedAt: judged.AddDate(0, 0, -daysAgo)}
}

func lifted(m model.Mark) model.Mark {
	at := m.CreatedAt.AddDate(0, 0, 1)
	m.LiftedAt = &at
	return m
}

func TestBlockedUntil(t *testing.T) {
	const late, noShow = 1, 2
	from := func(daysAgo int) time.Time { return judged.AddDate(0, 0, 30-daysAgo) }
	never := time.Time{}
	for _, c := range []struct {
		name  string
		marks []model.Mark
		until time.Time
	}{
		{"no marks", nil, never},
		{"two no-shows", []model.Mark{mark(5, noShow), mark(1, noShow)}, never},
		{"three no-shows", []model.Mark{mark(50, noShow), mark(20, noShow), mark(3, noShow)}, from(3)},
		{"two late cancels are one strike", []model.Mark{mark(9, noShow), mark(8, noShow), mark(7, late)}, never},
		{"and the second of them the third strike", []model.Mark{mark(9, noShow), mark(8, noShow), mark(7, late), mark(2, late)}, from(2)},
		{"six late cancels", []model.Mark{mark(6, late), mark(5, late), mark(4, late), mark(3, late), mark(2, late), mark(1, late)}, from(1)},
		{"five late cancels", []model.Mark{mark(6, late), mark(5, late), mark(4, late), mark(3, late), mark(2, late)}, never},
		{"the first lies ninety days before the third", []model.Mark{mark(93, noShow), mark(20, noShow), mark(3, noShow)}, never},
		{"the first lies just within", []model.Mark{mark(92, noShow), mark(20, noShow), mark(3, noShow)}, from(3)},
		{"the block is over to the instant", []model.Mark{mark(50, noShow), mark(40, noShow), mark(30, noShow)}, never},
		{"the last day of the block", []model.Mark{mark(50, noShow), mark(40, noShow), mark(29, noShow)}, from(29)},
		{"the oldest has left the window, the block goes on", []model.Mark{mark(100, noShow), mark(60, noShow), mark(15, noShow)}, from(15)},
		{"a fourth no-show lengthens it", []model.Mark{mark(50, noShow), mark(40, noShow), mark(20, noShow), mark(4, noShow)}, from(4)},
		{"one of three is lifted", []model.Mark{lifted(mark(50, noShow)), mark(20, noShow), mark(3, noShow)}, never},
		{"the last of three is lifted", []model.Mark{mark(50, noShow), mark(20, noShow), lifted(mark(3, noShow))}, never},
		{"one of four is lifted", []model.Mark{mark(50, noShow), lifted(mark(30, noShow)), mark(20, noShow), mark(3, noShow)}, from(3)},
	} {
		if got := defaults.BlockedUntil(c.marks, judged); !got.Equal(c.until) {
			t.Errorf("%s: until %v, want %v", c.name, got, c.until)
		}
	}
}

// Lifting a mark never makes anything worse, and no block lasts longer than the policy's days from now.
func TestLiftingOnlyHelps(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var marks []model.Mark
		ago := 130
		for range rapid.IntRange(1, 10).Draw(rt, "marks") {
			ago -= rapid.IntRange(0, 12).Draw(rt, "gap")
			marks = append(marks, mark(ago, rapid.IntRange(1, 2).Draw(rt, "points")))
		}
		before := defaults.BlockedUntil(marks, judged)
		if before.After(judged.AddDate(0, 0, defaults.BlockDays)) {
			rt.Fatalf("blocked until %v", before)
		}
		i := rapid.IntRange(0, len(marks)-1).Draw(rt, "lifted")
		marks[i] = lifted(marks[i])
		if after := defaults.BlockedUntil(marks, judged); after.After(before) {
			rt.Fatalf("lifting moved the end from %v to %v", before, after)
		}
	})
}
