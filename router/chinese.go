package router

import (
	"strings"

	"github.com/danielgtaylor/huma/v2/validation"
)

const (
	wrongContent  = "填写的内容不对。"
	blank         = "不能是空白。"
	msgUnexpected = "不认识这个字段。"
	msgRequired   = "必须填写。" // followed by the field's name
)

// unsaid takes a value of huma's that says nothing to people, and prints nothing.
const unsaid = "%.0s"

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
	validation.MsgExpectedOneOf = "只能是给定的选项之一。" + unsaid
	validation.MsgExpectedMinimumNumber = "不能小于%v。"
	validation.MsgExpectedMaximumNumber = "不能大于%v。"
	validation.MsgExpectedMinLength = "至少%d个字。"
	validation.MsgExpectedMaxLength = "最多%d个字。"
	validation.MsgExpectedMatchPattern = "格式不对。" + unsaid
	validation.MsgExpectedRequiredProperty = msgRequired + "%s"
}

// Findings that huma words itself, without a variable to change, are known by how they begin.
const (
	humaUnreadable       = "cannot read request body"
	humaUnknownParameter = "unknown query parameter"
	humaRequiredHeader   = "required header parameter"
	humaInvalidInteger   = "invalid integer"
	humaInvalidBoolean   = "invalid boolean"
)

// inChinese passes on what is already in our words and replaces what is not.
func inChinese(message string) string {
	switch message {
	case humaInvalidInteger:
		return validation.MsgExpectedInteger
	case humaInvalidBoolean:
		return validation.MsgExpectedBoolean
	}
	if strings.ContainsFunc(message, func(r rune) bool { return r >= 0x3000 }) {
		return message
	}
	return wrongContent
}
