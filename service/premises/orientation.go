package premises

import (
	"bytes"
	"encoding/binary"
)

// orientation reads which way up the camera was held from the Exif data of a JPEG, PNG or WebP file; 1 (upright) when
// there is none or it cannot be read. Exif is a TIFF header behind a marker of the file's format; of it, only the one
// entry is looked at.
func orientation(file []byte) int {
	var tiff []byte
	switch {
	case bytes.HasPrefix(file, []byte{0xFF, 0xD8}):
		tiff = exifOfJPEG(file)
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		tiff = exifOfPNG(file)
	case len(file) > 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP":
		tiff = exifOfWebP(file)
	}
	return orientationOf(tiff)
}

// exifOfJPEG goes from segment to segment up to the picture itself.
func exifOfJPEG(file []byte) []byte {
	const applicationOne, startOfScan = 0xE1, 0xDA
	for rest := file[2:]; len(rest) >= 4 && rest[0] == 0xFF && rest[1] != startOfScan; {
		size := int(binary.BigEndian.Uint16(rest[2:]))
		if size < 2 || len(rest) < 2+size {
			return nil
		}
		if data, is := bytes.CutPrefix(rest[4:2+size], []byte("Exif\x00\x00")); is && rest[1] == applicationOne {
			return data
		}
		rest = rest[2+size:]
	}
	return nil
}

func exifOfPNG(file []byte) []byte {
	for rest := file[8:]; len(rest) >= 12; {
		size := uint64(binary.BigEndian.Uint32(rest))
		if uint64(len(rest)) < 12+size {
			return nil
		}
		if string(rest[4:8]) == "eXIf" {
			return rest[8 : 8+size]
		}
		rest = rest[12+size:]
	}
	return nil
}

func exifOfWebP(file []byte) []byte {
	for rest := file[12:]; len(rest) >= 8; {
		size := uint64(binary.LittleEndian.Uint32(rest[4:]))
		if uint64(len(rest)) < 8+size {
			return nil
		}
		if string(rest[:4]) == "EXIF" {
			return bytes.TrimPrefix(rest[8:8+size], []byte("Exif\x00\x00"))
		}
		rest = rest[min(uint64(len(rest)), 8+size+size%2):]
	}
	return nil
}

// orientationOf looks for the entry in the first directory of a TIFF header.
func orientationOf(tiff []byte) int {
	const upright, tag, entrySize = 1, 0x0112, 12
	order := byteOrder(tiff)
	if order == nil {
		return upright
	}
	at := uint64(order.Uint32(tiff[4:]))
	if uint64(len(tiff)) < at+2 {
		return upright
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < entrySize {
			return upright
		}
		if order.Uint16(entries) == tag {
			return int(order.Uint16(entries[8:]))
		}
		entries = entries[entrySize:]
	}
	return upright
}

func byteOrder(tiff []byte) binary.ByteOrder {
	switch {
	case len(tiff) < 8:
		return nil
	case string(tiff[:4]) == "II*\x00":
		return binary.LittleEndian
	case string(tiff[:4]) == "MM\x00*":
		return binary.BigEndian
	}
	return nil
}
