package router

import (
	"errors"
	"strings"

	"github.com/danielgtaylor/huma/v2/validation"
)

const (
	wrongContent  = "填写的内容不对。"
	msgUnexpected = "不认识这个字段。"
)

// translateValidation puts our words in place of huma's.
func translateValidation() {
	validation.MsgUnexpectedProperty = msgUnexpected
	validation.MsgExpectedRFC3339DateTime = "应为时间，如2026-11-24T09:00:00+08:00。"
	validation.MsgExpectedRFC3339Date = "应为日期，如2026-11-24。"
	validation.MsgExpectedBoolean = "应为是或否。"
	validation.MsgExpectedNumber = "应为数字。"
	validation.MsgExpectedInteger = "应为整数。"
	validation.MsgExpectedString = "应为文字。"
	validation.MsgExpectedArray = "应为列表。"
	validation.MsgExpectedObject = "应为对象。"
	validation.MsgExpectedOneOf = "只能是其中之一：%s。"
	validation.MsgExpectedMinimumNumber = "不能小于%v。"
	validation.MsgExpectedMaximumNumber = "不能大于%v。"
	validation.MsgExpectedMinLength = "至少%d个字。"
	validation.MsgExpectedMaxLength = "最多%d个字。"
	validation.MsgExpectedBePattern = "格式应为：%s。"
	validation.MsgExpectedMatchPattern = "格式不对，应符合%s。"
	validation.MsgExpectedRequiredProperty = "缺少“%s”。"
}

// english are the findings huma words itself, without a variable to change.
var english = map[string]string{
	"invalid integer":           "应为整数。",
	"invalid float":             "应为数字。",
	"invalid boolean":           "应为是或否。",
	"request body is required":  "缺少提交的内容。",
	"required query parameter":  "缺少这个参数。",
	"required header parameter": "缺少这个请求头。",
	"required path parameter":   "缺少这个参数。",
}

// inChinese passes on what is already in our words and replaces what is not.
func inChinese(message string) string {
	for known, ours := range english {
		if strings.HasPrefix(message, known) {
			return ours
		}
	}
	if strings.ContainsFunc(message, func(r rune) bool { return r >= 0x3000 }) {
		return message
	}
	return wrongContent
}

func errorsOf(errs []error) error { return errors.Join(errs...) }
