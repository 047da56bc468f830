#!/usr/bin/env bash
# Runs every fuzz target of the module for a while each: fuzz.sh 4s. Go fuzzes one
# target at a time, so they are found first.
set -euo pipefail
cd "$(dirname "$0")/.."
duration="${1:-4s}"

packages_with_fuzz_targets() {
	go list -f '{{$dir := .Dir}}{{$path := .ImportPath}}{{range .TestGoFiles}}{{$dir}}/{{.}}|{{$path}}
{{end}}{{range .XTestGoFiles}}{{$dir}}/{{.}}|{{$path}}
{{end}}' ./... | while IFS='|' read -r file package; do
		if [ -n "$file" ] && grep -q '^func Fuzz' "$file"; then echo "$package"; fi
	done | sort -u
}

packages="$(packages_with_fuzz_targets)"
for package in $packages; do
	listed="$(go test -list '^Fuzz' "$package")" # a variable of its own: a failure in a loop's list would pass unseen
	for target in $(grep '^Fuzz' <<<"$listed"); do
		echo "fuzz $package $target"
		# Shrinking an interesting input may else take a minute, whatever the duration.
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$duration" -fuzzminimizetime 100x "$package"
	done
done
