package conf

import (
	"net"
	"net/netip"
	"slices"
	"strings"
)

// judgeProduction refuses what is convenient while developing and harmful in service.
// Secrets are judged beside the section they belong to.
func (r *rules) judgeProduction() {
	r.require(r.WeChat.Mode != WeChatDemo || r.WeChat.DemoInProduction, "wechat.mode",
		"demo lets anyone log in as anyone",
		"set it to live; if this is a rehearsal without residents, set wechat.demo_in_production to true as well")
	r.require(r.Redis.Mode != RedisEmbedded, "redis.mode",
		"embedded loses all sessions at every restart and is not shared between replicas",
		"set it to single, sentinel or cluster, and redis.addrs")
	r.require(r.Seal.KEK != "", "seal.kek",
		"is empty, so the keys that seal personal data would lie in the keyring in plain text",
		"make one with openssl rand -base64 32 and put it into a file that JMK_SEAL_KEK_FILE names")
	r.require(!r.Demo.Seed, "demo.seed", "demo data must not mix with residents' records",
		"remove it; to rehearse with demo data, run the rehearsal in development mode")
}

const mendPassword = "set a random one of your own; openssl rand -hex 24 makes one"

// goodPassword refuses a placeholder, and none at all for a server beyond this machine.
func (r *rules) goodPassword(key, password string, addresses ...string) {
	local := !slices.ContainsFunc(addresses, func(a string) bool { return !isLoopback(a) })
	if password == "" && local {
		return
	}
	r.require(password != "", key, "holds no password", mendPassword)
	r.require(password == "" || !isPlaceholder(password), key, "holds a placeholder as password", mendPassword)
}

func (r *rules) goodSecret(key string, secret Secret) {
	r.require(!isPlaceholder(secret.Reveal()), key, "is empty or a placeholder", "set the real one")
}

// isPlaceholder tells a secret that anyone would guess.
func isPlaceholder(secret string) bool {
	word := strings.ToLower(strings.TrimSpace(secret))
	wellKnown := []string{
		"admin", "123456", "12345678", "default", "demo", "guest", "jiamenkou", "jmk", "mysql", "pass",
		"passwd", "password", "redis", "root", "secret", "test", "token", "todo",
	}
	marks := []string{"change", "replace", "your", "example", "placeholder", "<", "xxx"}
	marked := slices.ContainsFunc(marks, func(mark string) bool { return strings.Contains(word, mark) })
	return marked || isUniform(word) || slices.Contains(wellKnown, word)
}

// isUniform tells a text of one repeated byte, the empty one included.
func isUniform(text string) bool {
	return text == "" || strings.Count(text, text[:1]) == len(text)
}

// isLoopback takes a host with or without a port.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
