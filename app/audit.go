package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jiamenkou/model"
	"jiamenkou/service/trail"
)

func auditCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "audit", Short: "the record of who did what when from where"}
	cmd.AddCommand(verifyTrailCommand(), purgeTrailCommand())
	return cmd
}

// withTrail gives a command the database and the trail, which need neither Redis nor keys.
func withTrail(run func(cmd *cobra.Command, t *trail.Service) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) (err error) {
		s, err := settings(cmd)
		if err != nil {
			return err
		}
		store, err := openStore(s, newLogger(s.Log))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, store.Close()) }()
		return run(cmd, &trail.Service{Store: store, Now: now, Keep: time.Duration(s.Audit.KeepDays) * 24 * time.Hour})
	}
}

// trailed keeps a record of a command, before it does anything and of how it ended.
func trailed(name string, run func(*cobra.Command, *house, []string) error) func(*cobra.Command, *house, []string) error {
	return func(cmd *cobra.Command, h *house, args []string) error {
		return h.trail.Command(cmd.Context(), name, func() error { return run(cmd, h, args) })
	}
}

func verifyTrailCommand() *cobra.Command {
	var head string
	cmd := &cobra.Command{
		Use: "verify", Short: "follow the chain of records, and say where it does not hold", Args: cobra.NoArgs,
		Long: "Follow the chain of records from the oldest that is kept to the newest, and name the first that was changed,\n" +
			"removed, moved or slipped in. The exit code is 1 when the chain does not hold.\n\n" +
			"The chain shows what is changed in it. It cannot show that somebody who may write to the database wrote it anew\n" +
			"from beginning to end: note the head that is printed here somewhere else, day by day, and give one noted earlier\n" +
			"as --head. A record that is removed before it has its place, within seconds, is not missed either.",
		RunE: withTrail(func(cmd *cobra.Command, t *trail.Service) error {
			noted, err := readHead(head)
			if err != nil {
				return err
			}
			return verifyTrail(cmd.Context(), cmd, t, noted)
		}),
	}
	cmd.Flags().StringVar(&head, "head", "", "SEQ:HASH, a head as it was printed earlier")
	return cmd
}

func readHead(text string) (noted trail.Noted, err error) {
	if text == "" {
		return noted, nil
	}
	seq, hash, _ := strings.Cut(text, ":")
	noted.Hash = hash
	noted.Seq, err = strconv.ParseInt(seq, 10, 64)
	if err != nil || noted.Seq < 1 || len(hash) != 64 {
		return noted, errors.New("--head: write SEQ:HASH as it was printed, a number and 64 digits")
	}
	return noted, nil
}

// wrongs are how a chain does not hold, in words.
var wrongs = map[model.TrailWrong]string{
	model.TrailChanged: "the record is not what it was when it got its place",
	model.TrailMissing: "the record is missing",
	model.TrailForeign: "a record has a number that the chain never gave",
	model.TrailHead:    "the head is not the last record's",
	model.TrailNoted:   "the head noted earlier is not in the chain: it has been written anew since",
}

func verifyTrail(ctx context.Context, cmd *cobra.Command, t *trail.Service, noted trail.Noted) error {
	v, err := t.Verify(ctx, noted)
	if err != nil {
		return err
	}
	c := v.Chain
	if v.Break != nil {
		cmd.Printf("BROKEN at %d: %s\n", v.Break.Seq, wrongs[v.Break.Why])
		return errSaid
	}
	cmd.Printf("the chain holds: %d record(s), %d purged before them, %d waiting for their place\n", c.HeadSeq-c.AnchorSeq, c.AnchorSeq, v.Loose)
	if noted.Seq > 0 && noted.Seq < c.AnchorSeq {
		cmd.Printf("the head noted earlier, %d, has been purged since and cannot be compared\n", noted.Seq)
	}
	if c.HeadSeq > 0 {
		cmd.Printf("head %d:%s\n", c.HeadSeq, c.HeadHash)
	}
	return nil
}

func purgeTrailCommand() *cobra.Command {
	var older string
	cmd := &cobra.Command{
		Use: "purge", Short: "remove records older than so many days, at least 180", Args: cobra.NoArgs,
		RunE: withTrail(func(cmd *cobra.Command, t *trail.Service) error {
			days, err := strconv.Atoi(strings.TrimSuffix(older, "d"))
			if err != nil || days < 0 || days > 36_600 {
				return fmt.Errorf("--older-than: write days, such as 180d, not %q", older)
			}
			t.Keep = time.Duration(days) * 24 * time.Hour
			return t.Command(cmd.Context(), "audit-purge", func() error {
				n, err := t.Purge(cmd.Context())
				if err == nil {
					cmd.Printf("%d record(s) removed\n", n)
				}
				return err
			})
		}),
	}
	cmd.Flags().StringVar(&older, "older-than", "", "days, such as 180d")
	_ = cmd.MarkFlagRequired("older-than")
	return cmd
}
