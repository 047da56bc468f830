package main

import "github.com/spf13/cobra"

func slotsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "slots", Short: "the sessions children are booked for"}
	cmd.AddCommand(generateCommand(), closeCommand())
	return cmd
}

func generateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "generate", Short: "make the coming days' slots from the weekly plans; the server does it by itself", Args: cobra.NoArgs,
		RunE: withHouse(func(cmd *cobra.Command, h *house, _ []string) error {
			n, err := h.planning.GenerateSlots(cmd.Context())
			if err == nil {
				cmd.Printf("%d slots generated\n", n)
			}
			return err
		}),
	}
}

func closeCommand() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "close SLOT", Short: "call a slot off: bookings end, allowances return, guardians are told", Args: cobra.ExactArgs(1),
		RunE: withHouse(func(cmd *cobra.Command, h *house, args []string) error {
			closed, err := h.booking.CloseSlot(cmd.Context(), args[0], reason, "")
			if err == nil {
				cmd.Printf("closed; %d bookings cancelled by the site\n", len(closed))
			}
			return err
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "what guardians are told, in Chinese")
	_ = cmd.MarkFlagRequired("reason")
	return cmd
}
