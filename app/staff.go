package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"jiamenkou/model"
	"jiamenkou/router"
	"jiamenkou/service/staff"
)

func staffCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "staff", Short: "the people who work for the district, a subdistrict or a site"}
	cmd.AddCommand(hireCommand(), staffListCommand(), staffCodeCommand(), resetCommand(), disableCommand(), enableCommand())
	return cmd
}

func hireCommand() *cobra.Command {
	var role, subdistrict, site string
	cmd := &cobra.Command{
		Use: "add NAME", Short: "add somebody, with a role in the district, a subdistrict or a site; prints an invitation link",
		Args: cobra.ExactArgs(1),
		RunE: withHouse(trailed("staff-add", func(cmd *cobra.Command, h *house, args []string) error {
			grant := model.Grant{Role: model.Role(role), Scope: model.ScopeDistrict}
			switch {
			case site != "":
				grant.Scope, grant.ScopeID = model.ScopeSite, site
			case subdistrict != "":
				grant.Scope, grant.ScopeID = model.ScopeSubdistrict, subdistrict
			}
			who, issued, err := h.staff.Invite(cmd.Context(), staff.Operator, args[0], grant)
			if err != nil {
				return err
			}
			printLink(cmd, h, who.ID, issued)
			return nil
		})),
	}
	cmd.Flags().StringVar(&role, "role", string(model.RoleKeeper), "administrator, keeper, system_admin, security_admin or auditor")
	cmd.Flags().StringVar(&subdistrict, "subdistrict", "", "the nine-digit code of the subdistrict the role is held in")
	cmd.Flags().StringVar(&site, "site", "", "the id of the site the role is held in")
	cmd.MarkFlagsMutuallyExclusive("subdistrict", "site")
	return cmd
}

func staffListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "who is on the staff", Args: cobra.NoArgs,
		RunE: withHouse(func(cmd *cobra.Command, h *house, _ []string) error {
			all, err := h.store.ListStaff(cmd.Context())
			for _, who := range all {
				cmd.Println(who.ID, who.Status, who.Name)
			}
			return err
		}),
	}
}

func staffCodeCommand() *cobra.Command {
	return &cobra.Command{
		Use: "code STAFF", Short: "print a new invitation link for somebody who has not used the first", Args: cobra.ExactArgs(1),
		RunE: withHouse(trailed("staff-code", func(cmd *cobra.Command, h *house, args []string) error {
			issued, err := h.staff.Reinvite(cmd.Context(), staff.Operator, args[0])
			if err != nil {
				return err
			}
			printLink(cmd, h, args[0], issued)
			return nil
		})),
	}
}

func printLink(cmd *cobra.Command, h *house, id string, issued staff.Issued) {
	cmd.Printf("staff %s\nlink %s\ngood until %s\n", id, h.welcome(issued), issued.ExpiresAt.In(h.zone).Format("2006-01-02 15:04"))
}

func (h *house) welcome(issued staff.Issued) string {
	return h.settings.ConsoleOrigin() + router.WelcomePath(issued.Code)
}

// inviteFirst makes the first administrator where there is nobody on the staff yet, and gives the link for whoever sits
// at this machine. As long as that one person has not used it, every start gives a new one.
func (h *house) inviteFirst(ctx context.Context) (link string, err error) {
	all, err := h.store.ListStaff(ctx)
	if err != nil || len(all) > 1 {
		return "", err
	}
	var issued staff.Issued
	if len(all) == 0 {
		_, issued, err = h.staff.Invite(ctx, staff.Operator, "管理员", model.Grant{Role: model.RoleAdministrator, Scope: model.ScopeDistrict})
	} else {
		issued, err = h.staff.Reinvite(ctx, staff.Operator, all[0].ID)
	}
	switch {
	case errors.Is(err, model.ErrNotInvitable) || errors.Is(err, model.ErrStaffDisabled):
		return "", nil
	case err != nil:
		return "", err
	}
	return h.welcome(issued), nil
}

func resetCommand() *cobra.Command {
	var reason string
	var everything bool
	cmd := &cobra.Command{
		Use: "reset STAFF", Short: "take away somebody's second factor, or everything to sign in with, and print an invitation link to set it anew",
		Args: cobra.ExactArgs(1),
		RunE: withHouse(trailed("staff-reset", func(cmd *cobra.Command, h *house, args []string) error {
			kind := model.InviteSecondFactor
			if everything {
				kind = model.InviteEverything
			}
			issued, err := h.staff.ResetAlone(cmd.Context(), args[0], kind, reason)
			if err != nil {
				return err
			}
			printLink(cmd, h, args[0], issued)
			return nil
		})),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the record")
	cmd.Flags().BoolVar(&everything, "everything", false, "the login name and password too")
	_ = cmd.MarkFlagRequired("reason")
	return cmd
}

func disableCommand() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "disable STAFF", Short: "stop an account and end its sessions at once", Args: cobra.ExactArgs(1),
		RunE: withHouse(trailed("staff-disable", func(cmd *cobra.Command, h *house, args []string) error {
			err := h.staff.Disable(cmd.Context(), staff.Operator, args[0], reason)
			if err == nil {
				cmd.Println("disabled; all its sessions have ended")
			}
			return err
		})),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the record")
	_ = cmd.MarkFlagRequired("reason")
	return cmd
}

func enableCommand() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "enable STAFF", Short: "let an account that was stopped be used again", Args: cobra.ExactArgs(1),
		RunE: withHouse(trailed("staff-enable", func(cmd *cobra.Command, h *house, args []string) error {
			err := h.staff.Enable(cmd.Context(), staff.Operator, args[0], reason)
			if err == nil {
				cmd.Println("enabled")
			}
			return err
		})),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the record")
	_ = cmd.MarkFlagRequired("reason")
	return cmd
}
