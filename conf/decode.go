package conf

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// misfit is why a value does not fit its field.
type misfit struct{ wrong, mend string }

// decode puts a raw value, as YAML or the environment gave it, into a field.
func decode(field reflect.Value, raw any) *misfit {
	if raw == nil {
		return &misfit{"has no value", "give one, or remove the line to have the default"}
	}
	switch field.Interface().(type) {
	case Secret:
		return decodeSecret(field, raw)
	case time.Duration:
		return decodeDuration(field, raw)
	case Size:
		return decodeSize(field, raw)
	case []string:
		return decodeList(field, raw)
	case bool:
		return decodeBool(field, raw)
	case int:
		return decodeInt(field, raw)
	}
	return decodeText(field, raw)
}

func decodeText(field reflect.Value, raw any) *misfit {
	text, isText := raw.(string)
	if !isText {
		return &misfit{fmt.Sprintf("%v is not text", raw), fmt.Sprintf("put it in quotes: \"%v\"", raw)}
	}
	field.SetString(text)
	return nil
}

// decodeSecret is decodeText without the value in its complaint.
func decodeSecret(field reflect.Value, raw any) *misfit {
	text, isText := raw.(string)
	if !isText {
		return &misfit{"is not text", "put it in quotes"}
	}
	field.SetString(text)
	return nil
}

func decodeDuration(field reflect.Value, raw any) *misfit {
	duration, err := time.ParseDuration(fmt.Sprint(raw))
	if _, isText := raw.(string); err != nil || !isText {
		return &misfit{fmt.Sprintf("%v is not a duration", raw), "write a number with its unit: 500ms, 20s, 10m, 24h"}
	}
	field.SetInt(int64(duration))
	return nil
}

func decodeSize(field reflect.Value, raw any) *misfit {
	size, err := parseSize(fmt.Sprint(raw))
	if err != nil {
		return &misfit{fmt.Sprintf("%v is not a size", raw), "write a whole number of bytes, or with its unit: 64KiB, 1MiB"}
	}
	field.SetInt(int64(size))
	return nil
}

func decodeBool(field reflect.Value, raw any) *misfit {
	truth, err := strconv.ParseBool(fmt.Sprint(raw))
	if err != nil {
		return &misfit{fmt.Sprintf("%v is neither true nor false", raw), "write true or false"}
	}
	field.SetBool(truth)
	return nil
}

func decodeInt(field reflect.Value, raw any) *misfit {
	number, err := strconv.Atoi(fmt.Sprint(raw))
	if err != nil {
		return &misfit{fmt.Sprintf("%v is not a whole number", raw), "write digits only"}
	}
	field.SetInt(int64(number))
	return nil
}

// decodeList takes YAML's lists and, from the environment, text with commas.
func decodeList(field reflect.Value, raw any) *misfit {
	items, isList := raw.([]any)
	if text, isText := raw.(string); isText {
		for item := range strings.SplitSeq(text, ",") {
			items = append(items, strings.TrimSpace(item))
		}
	} else if !isList {
		return &misfit{fmt.Sprintf("%v is not a list", raw), "write [one, two], or one,two in the environment"}
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		text, isText := item.(string)
		if !isText || text == "" {
			return &misfit{fmt.Sprintf("the item %v is not text", item), "put every item in quotes and leave none empty"}
		}
		list = append(list, text)
	}
	field.Set(reflect.ValueOf(list))
	return nil
}
