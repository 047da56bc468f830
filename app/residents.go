package main

import "github.com/spf13/cobra"

func residentsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "residents", Short: "the people who book"}
	cmd.AddCommand(blockCommand())
	return cmd
}

func blockCommand() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "block RESIDENT", Short: "stop an account and end its sessions at once", Args: cobra.ExactArgs(1),
		RunE: withHouse(func(cmd *cobra.Command, h *house, args []string) error {
			err := h.account.Block(cmd.Context(), args[0], reason, "")
			if err == nil {
				cmd.Println("blocked; all its sessions have ended")
			}
			return err
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the record")
	_ = cmd.MarkFlagRequired("reason")
	return cmd
}
