package overview

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"strconv"

	"github.com/xuri/excelize/v2"

	"jiamenkou/model"
)

// writeFile writes a table; fill hands over its lines one by one. A cell is a text, a whole number, a rate or nil.
func writeFile(format model.ExportFormat, titles []string, fill func(put func([]any) error) error) ([]byte, error) {
	if format == model.ExportXLSX {
		return writeXLSX(titles, fill)
	}
	return writeCSV(titles, fill)
}

// byteOrderMark is what Excel knows UTF-8 by.
const byteOrderMark = "\ufeff"

func writeCSV(titles []string, fill func(put func([]any) error) error) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(byteOrderMark)
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	if err := w.Write(titles); err != nil {
		return nil, err
	}
	err := fill(func(row []any) error {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = spelled(cell)
		}
		return w.Write(cells)
	})
	w.Flush()
	return out.Bytes(), cmp.Or(err, w.Error())
}

func spelled(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return model.Harmless(v)
	case float64:
		return strconv.FormatFloat(v, 'f', 4, 64)
	}
	return fmt.Sprint(cell)
}

const sheet = "数据"

func writeXLSX(titles []string, fill func(put func([]any) error) error) (content []byte, err error) {
	file := excelize.NewFile()
	defer func() { err = cmp.Or(err, file.Close()) }()
	if err := file.SetSheetName("Sheet1", sheet); err != nil {
		return nil, err
	}
	w, err := file.NewStreamWriter(sheet)
	if err != nil {
		return nil, err
	}
	percent, err := file.NewStyle(&excelize.Style{NumFmt: 10}) // 0.00%
	if err != nil {
		return nil, err
	}
	line := 0
	put := func(row []any) error {
		line++
		return w.SetRow("A"+strconv.Itoa(line), cellsOf(row, percent))
	}
	head := make([]any, len(titles))
	for i, title := range titles {
		head[i] = title
	}
	for _, write := range []func() error{
		func() error { return w.SetColWidth(1, len(titles), 14) },
		func() error {
			return w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
		},
		func() error { return put(head) },
		func() error { return fill(put) },
		w.Flush,
	} {
		if err := write(); err != nil {
			return nil, err
		}
	}
	out, err := file.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func cellsOf(row []any, percent int) []any {
	cells := make([]any, len(row))
	for i, cell := range row {
		switch v := cell.(type) {
		case string:
			cells[i] = model.Harmless(v)
		case float64:
			cells[i] = excelize.Cell{StyleID: percent, Value: v}
		default:
			cells[i] = cell
		}
	}
	return cells
}
