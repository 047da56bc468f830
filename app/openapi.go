package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"jiamenkou/router"
)

func openapiCommand() *cobra.Command {
	return &cobra.Command{
		Use: "openapi", Short: "print the OpenAPI document", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := document()
			if err == nil {
				cmd.Println(string(text))
			}
			return err
		},
	}
}

// document is the OpenAPI document, indented for people and for diffs.
func document() ([]byte, error) {
	return json.MarshalIndent((&router.API{MaxBody: 1, Version: "v1"}).Document(), "", "  ")
}
