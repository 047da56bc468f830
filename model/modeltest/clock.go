package modeltest

import (
	"fmt"
	"os"
	"time"
)

// Begin is the environment's name for the moment the clock of the tests begins at, in RFC 3339. With it a whole suite is tried
// on the last day of a year or a minute before midnight.
const Begin = "JMK_TEST_BEGIN"

var ahead = time.Until(beginning(time.Now()))

// Now is the clock of the tests that need no other: UTC, in the milliseconds the database keeps. It goes as fast as the real
// one, and it is ten in the morning of today in Shanghai when the process begins: whether a test passes does not depend on the
// hour, and no midnight comes to it unasked. What runs beside the program itself needs the real clock.
func Now() time.Time { return time.Now().Add(ahead).UTC().Truncate(time.Millisecond) }

func beginning(now time.Time) time.Time {
	if wish := os.Getenv(Begin); wish != "" {
		at, err := time.Parse(time.RFC3339, wish)
		if err != nil {
			panic(fmt.Sprintf("%s: %v", Begin, err))
		}
		return at
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	year, month, day := now.In(zone).Date()
	return time.Date(year, month, day, 10, 0, 0, 0, zone)
}
