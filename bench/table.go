package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"unicode/utf8"
)

// row is one line of the table.
type row struct {
	figure   string
	measured string
	beside   string
	ratio    string
	goal     string
	reached  bool
	note     string // printed below the table
}

// atLeast is a row whose ratio of ours to the other's is to be high.
func atLeast(figure, unit string, r result, goal float64) row {
	return row{
		figure: figure, measured: fmt.Sprintf("%.0f %s", r.ours, unit), beside: fmt.Sprintf("%.0f %s", r.beside, unit),
		ratio: fmt.Sprintf("%.2f", r.ratio), goal: fmt.Sprintf("≥ %.1f", goal), reached: r.ratio >= goal, note: r.note(),
	}
}

// atMost is a row whose ratio is to be low; its sides are milliseconds.
func atMost(figure string, r result, goal float64) row {
	return row{
		figure: figure, measured: fmt.Sprintf("%.2f ms", r.ours), beside: fmt.Sprintf("%.2f ms", r.beside),
		ratio: fmt.Sprintf("%.2f", r.ratio), goal: fmt.Sprintf("≤ %.1f", goal), reached: r.ratio <= goal,
	}
}

// alone is a row without a counterpart.
func alone(figure, format string, measured, goal float64, note string) row {
	return row{
		figure: figure, measured: fmt.Sprintf(format, measured), beside: "–", ratio: "–",
		goal: "≤ " + fmt.Sprintf(format, goal), reached: measured <= goal, note: note,
	}
}

func printTable(out io.Writer, rows []row) {
	lines := [][]string{{"figure", "measured", "beside", "ratio", "to reach", "reached"}}
	for _, r := range rows {
		reached := "no"
		if r.reached {
			reached = "yes"
		}
		lines = append(lines, []string{r.figure, r.measured, r.beside, r.ratio, r.goal, reached})
	}
	for i, cells := range lines {
		fmt.Fprintln(out, strings.TrimRight("| "+strings.Join(padded(cells, widths(lines)), " | ")+" |", " "))
		if i == 0 {
			fmt.Fprintln(out, "|"+strings.Repeat("---|", len(cells)))
		}
	}
	printNotes(out, rows)
}

func printNotes(out io.Writer, rows []row) {
	for _, r := range rows {
		if r.note != "" {
			fmt.Fprintf(out, "\n%s: %s\n", r.figure, r.note)
		}
	}
}

func widths(lines [][]string) []int {
	widest := make([]int, len(lines[0]))
	for _, cells := range lines {
		for i, cell := range cells {
			widest[i] = max(widest[i], utf8.RuneCountInString(cell))
		}
	}
	return widest
}

func padded(cells []string, widest []int) []string {
	all := make([]string, len(cells))
	for i, cell := range cells {
		all[i] = cell + strings.Repeat(" ", widest[i]-utf8.RuneCountInString(cell))
	}
	return all
}

func machine() string {
	return fmt.Sprintf("%s/%s, %d cores, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
}
