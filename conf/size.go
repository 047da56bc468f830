package conf

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes. In text it is a whole number with or without a unit:
// 65536, 64KiB, 1MiB.
type Size int64

// Binary units.
const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
)

var errSize = errors.New("not a size")

// parseSize reads the text form of a Size.
func parseSize(text string) (Size, error) {
	digits, unit := strings.TrimSpace(text), Size(1)
	for suffix, bytes := range map[string]Size{"KiB": KiB, "MiB": MiB} {
		if number, found := strings.CutSuffix(digits, suffix); found {
			digits, unit = strings.TrimSpace(number), bytes
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/int64(unit) {
		return 0, errSize
	}
	return Size(n) * unit, nil
}

// String is the text form, in the largest unit that fits without a remainder.
func (s Size) String() string {
	switch {
	case s > 0 && s%MiB == 0:
		return fmt.Sprintf("%dMiB", s/MiB)
	case s > 0 && s%KiB == 0:
		return fmt.Sprintf("%dKiB", s/KiB)
	}
	return strconv.FormatInt(int64(s), 10)
}
