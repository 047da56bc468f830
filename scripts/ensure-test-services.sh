#!/usr/bin/env bash
# Makes sure that the programs the tests and checks run are there: MariaDB, Redis, Chromium with a Chinese
# font for the pages, curl, xz for the vulnerability database, and gcc for Go's race detector. Where they are missing it installs
# Debian's packages if it may (as root), and otherwise says what to install and fails. It starts no service: the tests
# run private servers of their own.
set -euo pipefail

PATH="$PATH:/usr/sbin:/usr/libexec:/usr/local/sbin"

missing_packages() {
	{ command -v mariadbd && command -v mariadb-install-db; } >/dev/null 2>&1 || echo mariadb-server
	command -v redis-server >/dev/null 2>&1 || echo redis-server
	command -v curl >/dev/null 2>&1 || echo curl
	command -v chromium >/dev/null 2>&1 || echo chromium fonts-noto-cjk
	command -v xz >/dev/null 2>&1 || echo xz-utils
	# libc6-dev: a compiler alone cannot link what the race detector needs.
	{ command -v "${CC:-gcc}" >/dev/null 2>&1 && compiles; } || echo gcc libc6-dev
}

compiles() {
	echo 'int main(void) { return 0; }' | "${CC:-gcc}" -x c - -include stdlib.h -o /dev/null >/dev/null 2>&1
}

# Debian starts a service when its package is installed, unless this file says no.
forbid_services() {
	local policy=/usr/sbin/policy-rc.d
	[ -e "$policy" ] && return
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	trap "rm -f $policy" EXIT
}

install_packages() {
	forbid_services
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q </dev/null
	apt-get install -qy --no-install-recommends "$@" </dev/null
}

# Debian's own Node.js is too old for the pages, so it is asked for and never installed.
node_is_there() {
	command -v npm >/dev/null 2>&1 && node -e '
		const [major, minor] = process.versions.node.split(".").map(Number)
		process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
}

if ! node_is_there; then
	echo "The pages are built with Node.js 20.19 or later, with npm. What is here: $(node --version 2>/dev/null || echo none)" >&2
	exit 1
fi

read -ra missing <<<"$(missing_packages | tr '\n' ' ')"
[ "${#missing[@]}" -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing for the tests: ${missing[*]}"
	install_packages "${missing[@]}"
	read -ra missing <<<"$(missing_packages | tr '\n' ' ')"
fi

if [ "${#missing[@]}" -gt 0 ]; then
	echo "The tests need what is missing here. On Debian or Ubuntu:" >&2
	echo "    sudo apt-get install -y ${missing[*]}" >&2
	echo "Elsewhere: mariadbd with mariadb-install-db, redis-server, chromium, curl, xz and a C compiler in PATH." >&2
	exit 1
fi
