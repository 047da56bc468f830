package premises_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"jiamenkou/model"
)

// paint is a picture as PNG: red in its upper left, green in its upper right, blue below left, white below right.
func paint(width, height int) []byte {
	var out bytes.Buffer
	_ = png.Encode(&out, canvas(width, height)) // a buffer takes everything
	return out.Bytes()
}

func canvas(width, height int) image.Image {
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	quarters := []color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}}
	for i := range width * height {
		x, y := i%width, i/width
		p.SetRGBA(x, y, quarters[2*y/height*2+2*x/width])
	}
	return p
}

// secret is what a camera could have written beside a picture.
const secret = "31.1699N-121.4035E-SHILI-CAMERA-0042"

// exif is a TIFF header with an orientation and a description, in either byte order.
func exif(order binary.AppendByteOrder, orientation uint16) []byte {
	mark := map[binary.AppendByteOrder]string{binary.LittleEndian: "II", binary.BigEndian: "MM"}[order]
	b := order.AppendUint16([]byte(mark), 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2) // entries
	b = order.AppendUint16(b, 0x010E)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint32(b, uint32(len(secret)))
	b = order.AppendUint32(b, 38)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, orientation)
	b = order.AppendUint16(b, 0)
	b = order.AppendUint32(b, 0)
	return append(b, secret...)
}

// shot is a JPEG as a camera writes it.
func shot(width, height int, data []byte) []byte {
	var out bytes.Buffer
	_ = jpeg.Encode(&out, canvas(width, height), &jpeg.Options{Quality: 95})
	head := binary.BigEndian.AppendUint16([]byte{0xFF, 0xD8, 0xFF, 0xE1}, uint16(len(data)+8))
	return slices.Concat(head, []byte("Exif\x00\x00"), data, out.Bytes()[2:])
}

// chunked is a PNG with a chunk of metadata and one of text.
func chunked(file, data []byte) []byte {
	chunk := func(kind string, content []byte) []byte {
		body := append([]byte(kind), content...)
		return binary.BigEndian.AppendUint32(append(binary.BigEndian.AppendUint32(nil, uint32(len(content))), body...), crc32.ChecksumIEEE(body))
	}
	return slices.Concat(file[:33], chunk("eXIf", data), chunk("tEXt", []byte("Comment\x00"+secret)), file[33:])
}

// webP is one pixel with a chunk of metadata.
func webP(data []byte) []byte {
	small, _ := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	chunk := func(kind string, content []byte) []byte {
		if len(content)%2 == 1 {
			content = append(content, 0)
		}
		return append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(content))), content...)
	}
	body := slices.Concat([]byte("WEBP"), chunk("VP8X", []byte{8, 0, 0, 0, 0, 0, 0, 0, 0, 0}), small[12:], chunk("EXIF", data))
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// hang adds a picture and gives it as residents get it.
func (s *scene) hang(upload []byte) (image.Image, []byte) {
	s.t.Helper()
	site, err := s.AddPhoto(ctx, s.by, s.w.Site.ID, "示例照片", upload)
	s.must(err)
	content, err := s.Photo(ctx, site.Photos[len(site.Photos)-1].FileID())
	s.must(err)
	p, err := jpeg.Decode(bytes.NewReader(content))
	s.must(err)
	return p, content
}

// Whatever the camera wrote beside the picture is gone: place, time, camera, in every format.
func TestPhotosKeepOnlyWhatCanBeSeen(t *testing.T) {
	onScenes(t, func(t *testing.T, s *scene) {
		for name, upload := range map[string][]byte{
			"JPEG": shot(64, 48, exif(binary.BigEndian, 1)), "PNG": chunked(paint(60, 40), exif(binary.LittleEndian, 1)), "WebP": webP(exif(binary.LittleEndian, 1)),
		} {
			_, content := s.hang(upload)
			if !bytes.Contains(upload, []byte(secret)) {
				t.Errorf("%s: the test's own picture has nothing to hide", name)
			}
			for _, trace := range []string{secret, "SHILI", "Exif", "EXIF", "II*\x00", "MM\x00*"} {
				if bytes.Contains(content, []byte(trace)) {
					t.Errorf("%s: %q is still in it", name, trace)
				}
			}
		}
	})
}

// Each of the eight ways to hold a camera comes out upright. The corners are those of the Exif standard: where the upper
// left and the upper right of what is stored are to be seen.
func TestPhotosStandUpright(t *testing.T) {
	upperLeft, upperRight := [2]int{10, 10}, [2]int{70, 10}
	lowerLeft, lowerRight := [2]int{10, 50}, [2]int{70, 50}
	sideways := func(p [2]int) [2]int { return [2]int{p[0]*4/7 + 5, p[1]*7/5 - 4} } // the same corner of one that lay on its side
	onScenes(t, func(t *testing.T, s *scene) {
		s.Limits.Photos = 99
		for orientation, to := range [][2][2]int{
			1: {upperLeft, upperRight}, 2: {upperRight, upperLeft}, 3: {lowerRight, lowerLeft}, 4: {lowerLeft, lowerRight},
			5: {upperLeft, lowerLeft}, 6: {upperRight, lowerRight}, 7: {lowerRight, upperRight}, 8: {lowerLeft, upperLeft},
			9: {upperLeft, upperRight}, 0: {upperLeft, upperRight},
		} {
			s.db.Exec(t, "DELETE FROM photo_files")
			p, _ := s.hang(shot(80, 60, exif(binary.LittleEndian, uint16(orientation))))
			red, green := to[0], to[1]
			if orientation >= 5 && orientation <= 8 {
				red, green = sideways(red), sideways(green)
			}
			if wide := p.Bounds().Dx() > p.Bounds().Dy(); wide != (orientation < 5 || orientation > 8) {
				t.Errorf("orientation %d came out as %v", orientation, p.Bounds())
			}
			if !is(p.At(red[0], red[1]), 0) || !is(p.At(green[0], green[1]), 1) {
				t.Errorf("orientation %d: the upper left is %v, the upper right %v", orientation, p.At(red[0], red[1]), p.At(green[0], green[1]))
			}
		}
	})
}

// is tells whether a colour is mostly red (0), green (1) or blue (2).
func is(c color.Color, part int) bool {
	r, g, b, _ := c.RGBA()
	parts := []uint32{r, g, b}
	return parts[part] > 0xC000 && parts[(part+1)%3] < 0x4000 && parts[(part+2)%3] < 0x4000
}

func TestPhotosAreMadeSmall(t *testing.T) {
	onScenes(t, func(t *testing.T, s *scene) {
		for _, c := range []struct{ width, height, wantWidth, wantHeight int }{{3200, 100, 1600, 50}, {100, 3200, 50, 1600}, {3000, 1, 1600, 1}, {7, 9, 7, 9}} {
			if p, _ := s.hang(paint(c.width, c.height)); p.Bounds().Dx() != c.wantWidth || p.Bounds().Dy() != c.wantHeight {
				t.Errorf("%d × %d became %v", c.width, c.height, p.Bounds())
			}
		}
	})
}

// What is transparent lies on white, not on black.
func TestPhotosLieOnWhite(t *testing.T) {
	onScenes(t, func(t *testing.T, s *scene) {
		var out bytes.Buffer
		s.must(png.Encode(&out, image.NewNRGBA(image.Rect(0, 0, 20, 20))))
		p, _ := s.hang(out.Bytes())
		if r, g, b, _ := p.At(10, 10).RGBA(); min(r, g, b) < 0xF000 {
			t.Errorf("nothing became %v", p.At(10, 10))
		}
	})
}

func TestPhotosThatAreNone(t *testing.T) {
	onScenes(t, func(t *testing.T, s *scene) {
		whole := shot(64, 48, exif(binary.BigEndian, 1))
		for name, c := range map[string]struct {
			upload []byte
			code   string
		}{
			"nothing":                 {nil, "photo_unreadable"},
			"a text":                  {[]byte("这不是照片"), "photo_unreadable"},
			"a GIF":                   {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "photo_unreadable"},
			"half a picture":          {whole[:len(whole)/2], "photo_unreadable"},
			"a header without more":   {claiming(4000, 4000), "photo_unreadable"},
			"a bomb":                  {claiming(30000, 30000), "photo_too_large"},
			"a bomb that is one line": {claiming(1<<31-1, 1), "photo_too_large"},
			"a bomb beyond counting":  {claiming(1<<31-1, 1<<31-1), "photo_unreadable"},
			"just too large":          {claiming(5000, 5001), "photo_too_large"},
		} {
			t.Run(name, func(t *testing.T) {
				s.t = t
				s.refused(c.code, errOf(s.AddPhoto(ctx, s.by, s.w.Site.ID, "示例照片", c.upload)))
			})
		}
		if n := s.db.Count(t, "SELECT COUNT(*) FROM photo_files"); n != 0 || len(s.find().Photos) != 0 {
			t.Errorf("%d files are left", n)
		}
	})
}

// claiming is a PNG of a few bytes that claims to be as large.
func claiming(width, height uint32) []byte {
	file := paint(2, 2)
	binary.BigEndian.PutUint32(file[16:], width)
	binary.BigEndian.PutUint32(file[20:], height)
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	return file
}

func TestPhotosAreArrangedAndRemoved(t *testing.T) {
	onScenes(t, func(t *testing.T, s *scene) {
		for i := range 3 {
			s.hang(paint(10+i, 10))
		}
		s.refused("photo_exists", errOf(s.AddPhoto(ctx, s.by, s.w.Site.ID, "又是它", paint(10, 10))))
		there := s.find()
		s.must(errOf(s.Arrange(ctx, s.by, there.ID, there.Version, []model.Photo{{URL: there.Photos[2].URL, Caption: " 积木区 "}, there.Photos[0]})))
		after := s.find()
		if len(after.Photos) != 2 || after.Photos[0] != (model.Photo{URL: there.Photos[2].URL, Caption: "积木区"}) || after.Photos[1] != there.Photos[0] {
			t.Errorf("arranged to %+v", after.Photos)
		}
		s.refused("photo_not_found", errOf(s.Photo(ctx, there.Photos[1].FileID())))
		s.refused("photos_unknown", errOf(s.Arrange(ctx, s.by, there.ID, after.Version, []model.Photo{there.Photos[1]})))
		s.refused("changed_meanwhile", errOf(s.Arrange(ctx, s.by, there.ID, there.Version, nil)))
		if got := s.history(there.ID); !slices.Equal(got[len(got)-1:], []string{"open>open 删照片"}) {
			t.Errorf("written down are %q", got)
		}
	})
}

// Many upload at once: no more hang than are allowed, and each that hangs has its file.
func TestUploadsRaceEachOtherAndTheArranger(t *testing.T) {
	s := race(t)
	servers := []*scene{s.server(), s.server(), s.server()}
	s.hang(paint(9, 9))
	seen := s.find()
	told := together(9, func(i int) error {
		if i == 0 {
			return errOf(s.Arrange(ctx, s.by, seen.ID, seen.Version, nil))
		}
		return errOf(servers[i%3].AddPhoto(ctx, s.by, seen.ID, fmt.Sprintf("第%d张", i), paint(10+i, 10)))
	})
	for word := range told {
		if !slices.Contains([]string{"ok", "too_many_photos", "changed_meanwhile"}, word) {
			t.Errorf("told %v", told)
		}
	}
	after := s.find()
	files := s.db.Count(t, "SELECT COUNT(*) FROM photo_files")
	if len(after.Photos) != mostPhotos || files != mostPhotos {
		t.Errorf("%d pictures hang and %d files are kept; told %v", len(after.Photos), files, told)
	}
	for _, p := range after.Photos {
		s.must(errOf(s.Photo(ctx, p.FileID())))
	}
}
