package main

import (
	"time"

	"github.com/spf13/cobra"
)

// resealBatch cells are moved in one transaction.
const resealBatch = 200

func keysCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "keys", Short: "the keys that seal personal data"}
	cmd.AddCommand(keysInitCommand(), keysRotateCommand())
	return cmd
}

func keysInitCommand() *cobra.Command {
	return &cobra.Command{
		Use: "init", Short: "make the keyring, wrapped with seal.kek when that is set", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := settings(cmd)
			if err != nil {
				return err
			}
			kek, err := s.Seal.KeyEncryptionKey()
			if err != nil {
				return err
			}
			ring, err := createKeyring(s, kek)
			if err == nil {
				cmd.Printf("keyring %s holds %d key(s)\n", s.Seal.KeyringFile, len(ring.IDs()))
			}
			return err
		},
	}
}

func keysRotateCommand() *cobra.Command {
	var resume bool
	var settle time.Duration
	cmd := &cobra.Command{
		Use: "rotate", Short: "add a new key and move all personal data to it while the service runs", Args: cobra.NoArgs,
		Long: "Adds a new key and moves every sealed cell to it, in small batches, while the service runs.\n" +
			"It may be stopped at any moment and continued with --resume. Servers learn of the new key within a\n" +
			"minute; a second pass after --settle moves what they sealed with the old one until then.",
		RunE: withHouse(trailed("keys-rotate", func(cmd *cobra.Command, h *house, _ []string) error {
			if !resume {
				id, err := h.keyring.AddKey(string(h.settings.Seal.Algorithm))
				if err != nil {
					return err
				}
				cmd.Printf("key %d is the new key\n", id)
			}
			return rotate(cmd, h, settle)
		})),
	}
	cmd.Flags().BoolVar(&resume, "resume", false, "add no key, only move what is not yet under the newest")
	cmd.Flags().DurationVar(&settle, "settle", 75*time.Second, "wait before the second pass; 0 skips it")
	return cmd
}

func rotate(cmd *cobra.Command, h *house, settle time.Duration) error {
	moved := 0
	progress := func(n int) {
		moved += n
		cmd.Printf("%d cells moved\n", moved)
	}
	if err := h.store.Reseal(cmd.Context(), h.box, resealBatch, progress); err != nil || settle == 0 {
		return err
	}
	select {
	case <-cmd.Context().Done():
		return cmd.Context().Err()
	case <-time.After(settle):
	}
	err := h.store.Reseal(cmd.Context(), h.box, resealBatch, progress)
	if err == nil {
		cmd.Printf("all personal data is under the newest key\n")
	}
	return err
}
