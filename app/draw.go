package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"jiamenkou/model"
)

func drawCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "draw", Short: "draws of places"}
	cmd.AddCommand(verifyDrawCommand())
	return cmd
}

// noted is what a person wrote down before the draw.
type noted struct{ commitment, digest string }

// verifyDrawCommand needs no settings and no database: anyone can run it on a document that was published.
func verifyDrawCommand() *cobra.Command {
	var before noted
	cmd := &cobra.Command{
		Use: "verify FILE", Short: "recompute a draw from its published document; - reads standard input", Args: cobra.ExactArgs(1),
		Long: "Recompute a draw from its published document (GET /api/v1/slots/{id}/draw/document), and say what matches and\n" +
			"what does not. docs/draw.md explains the algorithm. Give the commitment and the digest as you noted them before\n" +
			"the draw to make sure that nothing was changed since. The exit code is 1 when anything does not match.",
		RunE: func(cmd *cobra.Command, args []string) error { return verifyDraw(cmd, args[0], before) },
	}
	cmd.Flags().StringVar(&before.commitment, "commitment", "", "the commitment as it was published beforehand")
	cmd.Flags().StringVar(&before.digest, "digest", "", "the digest as it was published when applications ended")
	return cmd
}

func verifyDraw(cmd *cobra.Command, file string, before noted) error {
	text, err := readDocument(cmd.InOrStdin(), file)
	if err != nil {
		return err
	}
	d, err := model.ReadDrawDocument(text)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	findings, err := d.Verify()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return reportDraw(cmd, d, append(findings, before.beside(d)...))
}

func readDocument(in io.Reader, file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(in)
	}
	return os.ReadFile(file) //nolint:gosec // the person who runs the command names the file
}

// beside puts what was noted beside what the document states.
func (n noted) beside(d model.DrawDocument) (findings []model.DrawFinding) {
	if n.commitment != "" {
		findings = append(findings, model.DrawFinding{Part: "commitment as noted", Stated: d.Commitment, Computed: strings.ToLower(n.commitment)})
	}
	if n.digest != "" {
		findings = append(findings, model.DrawFinding{Part: "digest as noted", Stated: d.Digest, Computed: strings.ToLower(n.digest)})
	}
	return findings
}

// meaningOf says what it means that a part matches.
var meaningOf = map[string]string{
	"commitment":          "the nonce is the one that was committed to",
	"digest":              "it binds the slot, the end of applications, the announced source and the list of applications",
	"seed":                "it comes from the nonce, the randomness and the list, and from nothing else",
	"order":               "children without a visit this month first, then by the seed",
	"winners":             "the first in the order that had not left, as many as there were places",
	"result":              "the whole result is what was published",
	"commitment as noted": "the nonce was settled before applications ended",
	"digest as noted":     "nobody was added or taken out after applications ended",
}

func reportDraw(cmd *cobra.Command, d model.DrawDocument, findings []model.DrawFinding) error {
	cmd.Printf("Draw of slot %s: %d applications until %s, drawn at %s, %d places, %d winners.\n",
		d.SlotID, len(d.Applications), d.DrawAt, d.DrawnAt, d.Places, len(d.Winners))
	cmd.Println(randomnessOf(d))
	var wrong []string
	for _, f := range findings {
		if f.Matches() {
			cmd.Printf("  matches         %s: %s\n", f.Part, meaningOf[f.Part])
			continue
		}
		wrong = append(wrong, f.Part)
		cmd.Printf("  DOES NOT MATCH  %s: %s\n", f.Part, differenceIn(f))
	}
	if len(wrong) > 0 {
		cmd.Printf("The draw is NOT what was published: %s.\n", strings.Join(wrong, ", "))
		return errSaid
	}
	cmd.Println("The draw is right.")
	return nil
}

func randomnessOf(d model.DrawDocument) string {
	switch {
	case d.Source == "" && d.Randomness == "":
		return "No public randomness was announced: the nonce and the list of applications decided."
	case d.Source == "":
		return fmt.Sprintf("ATTENTION: the randomness %q was used without having been announced.", d.Randomness)
	case d.Randomness == "":
		return fmt.Sprintf("Announced was %q, but nothing was entered in time: the nonce and the list of applications decided.", d.Source)
	}
	return fmt.Sprintf("Announced was %q; entered was %q. Compare it with the source.", d.Source, d.Randomness)
}

// differenceIn names the first place at which a part is not what it comes to.
func differenceIn(f model.DrawFinding) string {
	stated, right := strings.Fields(f.Stated), strings.Fields(f.Computed)
	if len(stated) <= 1 && len(right) <= 1 {
		return fmt.Sprintf("stated is %q, and it comes to %q", f.Stated, f.Computed)
	}
	for i := range min(len(stated), len(right)) {
		if stated[i] != right[i] {
			return fmt.Sprintf("number %d is stated as %s, and it comes to %s", i+1, stated[i], right[i])
		}
	}
	return fmt.Sprintf("stated are %d, and it comes to %d", len(stated), len(right))
}
