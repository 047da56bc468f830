package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/spf13/cobra"

	"jiamenkou/model"
)

func migrateCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "migrate", Short: "the database's schema"}
	cmd.AddCommand(
		&cobra.Command{Use: "up", Short: "bring the schema up to date", Args: cobra.NoArgs, RunE: withStore(migrateUp)},
		&cobra.Command{Use: "status", Short: "list the steps and whether they are taken", Args: cobra.NoArgs, RunE: withStore(migrateStatus)},
	)
	return cmd
}

// withStore runs a command that needs the database alone.
func withStore(run func(cmd *cobra.Command, store *model.Store, log *slog.Logger) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) (err error) {
		s, err := settings(cmd)
		if err != nil {
			return err
		}
		log := newLogger(s.Log)
		store, err := openStore(s, log)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, store.Close()) }()
		return run(cmd, store, log)
	}
}

func migrateUp(cmd *cobra.Command, store *model.Store, log *slog.Logger) error {
	return migrate(cmd.Context(), store, log)
}

// migrate brings the schema up to date and lays what every installation starts from.
func migrate(ctx context.Context, store *model.Store, log *slog.Logger) error {
	taken, err := store.Migrate(ctx)
	if err != nil {
		return err
	}
	for _, name := range taken {
		log.Info("migrated", "step", name)
	}
	return store.LayFoundation(ctx, now())
}

func migrateStatus(cmd *cobra.Command, store *model.Store, _ *slog.Logger) error {
	steps, err := store.MigrationStatus(cmd.Context())
	if err != nil {
		return err
	}
	for _, step := range steps {
		state := "pending"
		if step.Applied {
			state = "applied"
		}
		cmd.Printf("%-8s %s\n", state, step.Name)
	}
	return nil
}
