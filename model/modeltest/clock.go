package modeltest

import (
	"fmt"
	"os"
	"time"
)

// Begin is the environment's name for the moment the clock of the tests begins at, in RFC 3339. With it a whole suite is tried
// on the last day of a year or a minute before midnight.
const Begin = "JMK_TEST_BEGIN"

// anOrdinaryDay is a Wednesday in Shanghai, at ten in the morning. No holiday and no end of a month or year is near.
const anOrdinaryDay = "2026-11-04T10:00:00+08:00"

var ahead = time.Until(beginning())

// Now is the clock of the tests that need no other: UTC, in the milliseconds the database keeps. It goes as fast as the real
// one, from an ordinary day on: whether a test passes depends neither on the hour nor on the date it is run at, and no midnight
// or New Year comes to it unasked. What runs beside the program itself needs the real clock.
func Now() time.Time { return time.Now().Add(ahead).UTC().Truncate(time.Millisecond) }

func beginning() time.Time {
	wish := os.Getenv(Begin)
	if wish == "" {
		wish = anOrdinaryDay
	}
	at, err := time.Parse(time.RFC3339, wish)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", Begin, err))
	}
	return at
}
