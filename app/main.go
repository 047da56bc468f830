// Command jiamenkou is the backend of 家门口: services at people's doorstep in a Shanghai district.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"jiamenkou/conf"
	"jiamenkou/model/fault"
)

// version is set by the build.
var version = "development"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := rootCommand().ExecuteContext(ctx)
	stop()
	if err == nil {
		return
	}
	if !errors.Is(err, errSaid) {
		fmt.Fprintln(os.Stderr, "jiamenkou:", inWords(err))
	}
	os.Exit(1)
}

// inWords adds the sentence to a refusal, whose own text is for the log.
func inWords(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Message + " (" + err.Error() + ")"
	}
	return err.Error()
}

// errSaid ends the program with exit code 1 when everything has been said already.
var errSaid = errors.New("said")

// rootCommand is the command line.
func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use: "jiamenkou", Short: "家门口: services at people's doorstep",
		SilenceUsage: true, SilenceErrors: true,
	}
	root.SetOut(os.Stdout)
	root.PersistentFlags().String("config", "", "settings file (YAML); conf/example.yaml explains every key")
	root.AddCommand(
		serveCommand(), migrateCommand(), seedCommand(), slotsCommand(), residentsCommand(), staffCommand(), keysCommand(),
		drawCommand(), auditCommand(), doctorCommand(), healthcheckCommand(), openapiCommand(), versionCommand(),
	)
	return root
}

// settings reads the settings a command runs under.
func settings(cmd *cobra.Command) (*conf.Settings, error) {
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil, err
	}
	return conf.Load(path, os.Environ())
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "print the version", Args: cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) { cmd.Println(version) },
	}
}
