package router

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"jiamenkou/model/fault"
)

// strictJSON reads what encoding/json would let pass: text that is not UTF-8, a key given twice (which of the two
// counts is then anyone's guess), and anything behind the value.
var strictJSON = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(v)
	},
	Unmarshal: func(data []byte, v any) error {
		if err := checkJSON(data); err != nil {
			return err
		}
		return json.Unmarshal(data, v)
	},
}

// bodyFaults are found again by their code, since huma keeps only the text of an unmarshalling error.
var bodyFaults = map[string]*fault.Error{
	ErrMalformedBody.Code: ErrMalformedBody,
	ErrDoubledKey.Code:    ErrDoubledKey,
	ErrInvalidUTF8.Code:   ErrInvalidUTF8,
}

// deepestJSON is more than any body of ours needs.
const deepestJSON = 32

func checkJSON(data []byte) error {
	if !utf8.Valid(data) {
		return ErrInvalidUTF8
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := checkValue(decoder, 0); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return ErrMalformedBody
	}
	return nil
}

func checkValue(decoder *json.Decoder, depth int) error {
	token, err := decoder.Token()
	if err != nil || depth > deepestJSON {
		return ErrMalformedBody
	}
	switch token {
	case json.Delim('{'):
		return checkMembers(decoder, depth)
	case json.Delim('['):
		for decoder.More() {
			if err := checkValue(decoder, depth+1); err != nil {
				return err
			}
		}
		return checkEnd(decoder)
	}
	return nil
}

func checkMembers(decoder *json.Decoder, depth int) error {
	seen := map[string]bool{}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return ErrMalformedBody
		}
		name, _ := key.(string)
		folded := strings.ToLower(name) // encoding/json matches keys without regard to case
		if seen[folded] {
			return ErrDoubledKey
		}
		seen[folded] = true
		if err := checkValue(decoder, depth+1); err != nil {
			return err
		}
	}
	return checkEnd(decoder)
}

func checkEnd(decoder *json.Decoder) error {
	if _, err := decoder.Token(); err != nil {
		return ErrMalformedBody
	}
	return nil
}

// strictQuery refuses parameters given twice and text that is not UTF-8 or holds a NUL, which no column of ours takes.
func strictQuery(c *gin.Context) {
	if !cleanText(c.Request.URL.Path) {
		refuse(c, ErrInvalidUTF8)
		return
	}
	for name, values := range c.Request.URL.Query() {
		if !cleanText(name) || !cleanText(values[0]) {
			refuse(c, ErrInvalidUTF8)
			return
		}
		if len(values) > 1 {
			refuse(c, ErrDoubledParameter.WithField("query."+name, ErrDoubledParameter.Message))
			return
		}
	}
	c.Next()
}

func cleanText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
