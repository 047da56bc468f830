package overview

import (
	"bytes"
	"encoding/csv"
	"testing"

	"github.com/xuri/excelize/v2"

	"jiamenkou/model"
)

// Whatever begins like a formula is a text in both formats, and what does not stays as it is.
func TestFormulasAreNeutralised(t *testing.T) {
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+86": "'+86", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "  =1": "'  =1", "＝1": "'＝1",
		"\u3000@a": "'\u3000@a", "示例=宝宝屋": "示例=宝宝屋", "": "", "'=1": "'=1",
	} {
		fill := func(put func([]any) error) error { return put([]any{text, 7, 0.25, nil}) }
		plain, err := writeFile(model.ExportCSV, []string{"甲", "乙", "丙", "丁"}, fill)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(plain, []byte(byteOrderMark)))).ReadAll()
		if err != nil || len(rows) != 2 || rows[1][0] != want || rows[1][1] != "7" || rows[1][2] != "0.2500" || rows[1][3] != "" {
			t.Errorf("%q is %q in the CSV, %v", text, rows, err)
		}
		book, err := writeFile(model.ExportXLSX, []string{"甲", "乙", "丙", "丁"}, fill)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := excelize.OpenReader(bytes.NewReader(book))
		if err != nil {
			t.Fatal(err)
		}
		cell, err := opened.GetCellValue(sheet, "A2")
		formula, _ := opened.GetCellFormula(sheet, "A2")
		number, _ := opened.GetCellValue(sheet, "B2")
		if err != nil || cell != want || formula != "" || number != "7" {
			t.Errorf("%q is %q, formula %q, beside it %q in the workbook, %v", text, cell, formula, number, err)
		}
	}
}
