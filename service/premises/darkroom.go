package premises

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // a format that is read
	"sync"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // a format that is read

	"jiamenkou/model"
)

const (
	mostPixels  = 25_000_000 // a telephone's usual picture has 12 to 24 million
	longestEdge = 1600       // of what is kept, in pixels
	jpegQuality = 82         // of 100: some 300 KB
)

// picture is a picture as it is kept.
type picture struct {
	jpeg          []byte
	width, height int
}

// darkroom turns what people upload into pictures of one kind. There is room for one at a time: an opened picture takes
// up to 200 MB, and nobody is in a hurry.
type darkroom struct {
	once sync.Once
	door chan struct{}
}

// develop reads a JPEG, PNG or WebP, turns it upright, makes it small enough and writes it anew, so that only what can be
// seen is left of it. What claims more pixels than are allowed is refused before it is opened.
func (d *darkroom) develop(ctx context.Context, upload []byte) (p picture, err error) {
	described, _, err := image.DecodeConfig(bytes.NewReader(upload))
	switch {
	case err != nil || described.Width <= 0 || described.Height <= 0:
		return p, model.ErrPhotoUnreadable.WithCause(err)
	case described.Width > mostPixels/described.Height:
		return p, model.ErrPhotoTooLarge
	}
	leave, err := d.enter(ctx)
	if err != nil {
		return p, err
	}
	defer leave()
	opened, _, err := image.Decode(bytes.NewReader(upload))
	if err != nil {
		return p, model.ErrPhotoUnreadable.WithCause(err)
	}
	upright := turn(shrink(opened), orientation(upload))
	var out bytes.Buffer
	err = jpeg.Encode(&out, upright, &jpeg.Options{Quality: jpegQuality})
	return picture{out.Bytes(), upright.Bounds().Dx(), upright.Bounds().Dy()}, err
}

func (d *darkroom) enter(ctx context.Context) (leave func(), err error) {
	d.once.Do(func() { d.door = make(chan struct{}, 1) })
	select {
	case d.door <- struct{}{}:
		return func() { <-d.door }, nil
	case <-ctx.Done():
		return nil, model.ErrTooSlow.WithCause(ctx.Err())
	}
}

// shrink copies the picture onto white, no edge longer than longestEdge.
func shrink(p image.Image) *image.RGBA {
	from := p.Bounds()
	width, height := from.Dx(), from.Dy()
	if longest := max(width, height); longest > longestEdge {
		width, height = max(1, width*longestEdge/longest), max(1, height*longestEdge/longest)
	}
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(small, small.Bounds(), p, from, draw.Over, nil)
	return small
}

// turn turns or mirrors a picture as its orientation asks, by the numbers of Exif (1 to 8; 1 is upright already).
func turn(p *image.RGBA, orientation int) *image.RGBA {
	width, height := p.Bounds().Dx(), p.Bounds().Dy()
	from := comesFrom(orientation, width-1, height-1)
	if from == nil {
		return p
	}
	if orientation >= 5 { // lying on its side
		width, height = height, width
	}
	upright := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			fromX, fromY := from(x, y)
			upright.SetRGBA(x, y, p.RGBAAt(fromX, fromY))
		}
	}
	return upright
}

// comesFrom says where a pixel of the upright picture lies in one as the camera wrote it, whose last column and row are
// given; nil when it is upright already.
func comesFrom(orientation, right, bottom int) func(x, y int) (int, int) {
	return map[int]func(x, y int) (int, int){
		2: func(x, y int) (int, int) { return right - x, y },
		3: func(x, y int) (int, int) { return right - x, bottom - y },
		4: func(x, y int) (int, int) { return x, bottom - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return y, bottom - x },
		7: func(x, y int) (int, int) { return right - y, bottom - x },
		8: func(x, y int) (int, int) { return right - y, x },
	}[orientation]
}
