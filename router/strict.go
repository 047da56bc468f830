package router

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
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

// strictAddress refuses parameters given twice, text that is not UTF-8 or holds a NUL, which no column of ours takes,
// and a query that is not one, which net/url would drop without a word.
func strictAddress(c *gin.Context) {
	err := checkQuery(c.Request.URL.RawQuery)
	switch {
	case !cleanText(c.Request.URL.Path):
		err = ErrInvalidUTF8
	case err == nil:
		err = checkHeaders(c.Request.Header)
	}
	if err != nil {
		refuse(c, err)
		return
	}
	c.Next()
}

func checkQuery(text string) error {
	query, err := url.ParseQuery(text)
	if err != nil {
		return ErrMalformedQuery // without the cause, which quotes what was sent
	}
	for name, values := range query {
		if !cleanText(name) || !cleanText(values[0]) {
			return ErrInvalidUTF8
		}
		if len(values) > 1 {
			return ErrDoubledParameter.WithField("query."+name, ErrDoubledParameter.Message)
		}
	}
	return nil
}

// checkHeaders refuses a second one of those that decide who asks and what for.
func checkHeaders(h http.Header) error {
	for _, name := range []string{"Authorization", "Idempotency-Key", "Content-Type"} {
		if len(h[name]) > 1 {
			return ErrDoubledParameter.WithField("header."+name, ErrDoubledParameter.Message)
		}
	}
	return nil
}

func cleanText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
