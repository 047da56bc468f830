#!/usr/bin/env bash
# Takes the walk of README.md against a live server in demo mode, and fails when an answer is not as the README says.
# The commands and the answers are read from the README itself, so the two cannot drift apart.
#
#   docs/quickstart.sh                                 against http://127.0.0.1:8080
#   BASE=http://127.0.0.1:9000 docs/quickstart.sh      against another server
#   docs/quickstart.sh README.zh-CN.md                 the walk of the Chinese README
#
# Between the two walk marks of the file, a block "sh" is run, and the block "json" or "text" after it is what must
# come out. There, … stands for anything, and space and line breaks do not count. It needs bash, curl and grep.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

readme="${1:-README.md}"
answer="$(mktemp)"
step="the beginning"
judged=yes
steps=0
said=no

fail() {
	said=yes
	printf 'FAIL at %s: %s\n' "$step" "$1" >&2
	exit 1
}

# leave speaks for a command that ended the script by failing.
leave() {
	local status=$?
	if [ "$status" -ne 0 ] && [ "$said" = no ]; then
		printf 'FAIL at %s: a command failed; before that, the server said:\n%s\n' "$step" "$(cat "$answer")" >&2
	fi
	rm -f "$answer"
}
trap leave EXIT

squeeze() { tr -d ' \t\r\n'; }

# matches tells whether the answer is the expected text with … standing for anything.
matches() {
	local pattern actual
	pattern="$(printf '%s' "$1" | squeeze | sed 's/[][\\*?()|+@!]/\\&/g')"
	pattern="${pattern//…/*}"
	actual="$(squeeze <"$answer")"
	# shellcheck disable=SC2053 # a pattern on purpose
	[[ "$actual" == $pattern ]]
}

run() {
	[ "$judged" = yes ] || fail "the README does not say what comes out"
	eval "$1" >"$answer"
	judged=yes
	if [ -s "$answer" ]; then judged=no; fi
}

judge() {
	if ! matches "$1"; then
		printf 'the README says:\n%s\nthe server says:\n%s\n' "$1" "$(cat "$answer")" >&2
		fail "another answer than the README says"
	fi
	judged=yes
}

walk() {
	local inside=no kind="" block="" line
	while IFS= read -r line <&3; do
		case "$inside$kind:$line" in
		no*:'<!-- walk -->') inside=yes ;;
		yes:'<!-- /walk -->') inside=no ;;
		yes:'### '*)
			step="${line#'### '}"
			steps=$((steps + 1))
			printf '%s\n' "$step"
			;;
		yes:'```sh' | yes:'```json' | yes:'```text') kind="${line#'```'}" block="" ;;
		yessh:'```') kind="" && run "$block" ;;
		yesjson:'```' | yestext:'```') kind="" && judge "$block" ;;
		yes?*) block+="$line"$'\n' ;;
		esac
	done 3<"$readme"
}

walk
[ "$judged" = yes ] || fail "the README does not say what comes out"
[ "$steps" -gt 0 ] || fail "$readme has no walk"
printf 'All %d steps went as %s says.\n' "$steps" "$readme"
