// Command bench measures what the house costs, each figure beside a bare counterpart in the same run, and prints a
// table of ratios. It starts everything it needs on the loopback and leaves nothing behind. No figure is asserted:
// machines differ, ratios less so.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"
)

// longest ends a run that hangs.
const longest = 40 * time.Minute

// effort is how much is measured: more takes longer and says it more firmly.
type effort struct {
	rounds   int           // of each contest
	length   time.Duration // of one side of a round
	families int           // that book places, ten each at the most
	samples  int           // of one side of a round where the slowest are looked at
	stored   int           // bookings in the large district
	starts   int           // of the server, for the time to ready
	releases int           // of a few places to many people
	batch    int           // notices, and slots with offers, that one side of a round works through
	owed     int           // notices to drain
}

var (
	whole = effort{rounds: 15, length: 700 * time.Millisecond, families: 4000, samples: 100, stored: 1_000_000, starts: 5, releases: 3, batch: 1000, owed: 100_000}
	quick = effort{rounds: 4, length: 300 * time.Millisecond, families: 800, samples: 40, stored: 100_000, starts: 1, releases: 1, batch: 300, owed: 3000}
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, longest)
	err := run(ctx, os.Args[1:])
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == bareCommand {
		return serveBare(ctx, args[1:])
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	brief := flags.Bool("quick", false, "a look within a few minutes: fewer rounds, a tenth of the stored bookings")
	only := flags.String("only", "", "measure only the figures whose name matches: idle, bookings, refusals, release, nearest, stored, offers, notices, drain")
	binary := flags.String("binary", "", "measure this program instead of building ./app")
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	effort := whole
	if *brief {
		effort = quick
	}
	return measure(ctx, os.Stdout, effort, wanted, *binary)
}

// figures are measured in this order.
var figures = []struct {
	name    string
	measure func(context.Context, *stage, effort) ([]row, error)
}{
	{"idle", measureIdle},
	{"bookings", measureBookings},
	{"refusals", measureRefusals},
	{"release", measureRelease},
	{"nearest", measureNearest},
	{"stored", measureStored},
	{"offers", measureOffers},
	{"notices", measureNotices},
	{"drain", measureDrain},
}

func measure(ctx context.Context, out io.Writer, e effort, wanted *regexp.Regexp, binary string) (err error) {
	began := time.Now()
	s, err := openStage(ctx, binary)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	var table []row
	for _, figure := range figures {
		if !wanted.MatchString(figure.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%4.0f s  %s\n", time.Since(began).Seconds(), figure.name)
		rows, err := figure.measure(ctx, s, e)
		if err != nil {
			return fmt.Errorf("%s: %w", figure.name, err)
		}
		table = append(table, rows...)
	}
	printTable(out, table)
	fmt.Fprintf(out, "\n%s, in %.0f s\n", machine(), time.Since(began).Seconds())
	return nil
}
