package main

import (
	"strings"
	"testing"
	"time"
)

// begunByMakeRun is an installation as make run begins one: nobody on the staff, the demo's sites, and the address by which
// browsers know the console, so that passkeys and cookies are what they are in earnest. Beside it stands a server of the
// same installation that splits duties.
func begunByMakeRun(t *testing.T) []string {
	t.Helper()
	s := newSite(t)
	first, split := s.newProgram(), s.newProgram()
	first.start()
	first.awaitReady()
	link := first.firstLink()
	security, administrator := s.hire("示例小孙", "--role", "security_admin"), s.hire("示例小钱", "--role", "administrator")
	pair := s.invite(2, "示例小赵", "--role", "administrator")
	split.site = &site{t: t, dsn: s.dsn, redis: s.redis, env: append([]string{"JMK_STAFF_SPLIT_DUTIES=true"}, s.env...)}
	split.start()
	split.awaitReady()
	return []string{
		"CONSOLE_FIRST=" + first.byName(), "CONSOLE_FIRST_LINK=" + link, "CONSOLE_FIRST_PAIR=" + pair,
		"CONSOLE_SPLIT=" + split.byName(), "CONSOLE_SPLIT_SECURITY=" + security, "CONSOLE_SPLIT_ADMINISTRATOR=" + administrator,
	}
}

// byName is the server's address by a name, which is what passkeys are bound to.
func (p *program) byName() string { return strings.Replace(p.base, "127.0.0.1", "localhost", 1) }

// firstLink waits for the link that the program prints for the first administrator.
func (p *program) firstLink() string {
	p.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		for _, word := range strings.Fields(p.printed.String()) {
			if strings.HasPrefix(word, p.byName()+"/console/#/welcome/") {
				return word
			}
		}
	}
	p.t.Fatalf("no link for the first administrator in %q", p.printed.String())
	return ""
}

// hire adds somebody to the staff, as staff add is told of them, and gives the code of their invitation.
func (s *site) hire(who ...string) string {
	s.t.Helper()
	printed := s.run(append([]string{"staff", "add"}, who...)...)
	_, code, found := strings.Cut(printed, "/welcome/")
	if !found {
		s.t.Fatalf("there is no invitation in %q", printed)
	}
	return strings.Fields(code)[0]
}
