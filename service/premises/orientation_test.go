package premises_test

import (
	"encoding/binary"
	"testing"

	"jiamenkou/service/premises"
)

func TestOrientationIsReadFromEveryFormat(t *testing.T) {
	for name, file := range map[string][]byte{
		"JPEG": shot(8, 8, exif(binary.BigEndian, 6)), "PNG": chunked(paint(8, 8), exif(binary.LittleEndian, 6)), "WebP": webP(exif(binary.BigEndian, 6)),
	} {
		if got := premises.Orientation(file); got != 6 {
			t.Errorf("%s: %d", name, got)
		}
	}
}

// Whatever is uploaded, reading its orientation ends, with a number.
func FuzzOrientation(f *testing.F) {
	f.Add(shot(8, 8, exif(binary.BigEndian, 6)))
	f.Add(chunked(paint(8, 8), exif(binary.LittleEndian, 3)))
	f.Add(webP(exif(binary.LittleEndian, 8)))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if got := premises.Orientation(file); got < 0 || got > 0xFFFF {
			t.Errorf("%d", got)
		}
	})
}
