package main

import (
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"jiamenkou/conf"
)

// What the settings say of staff is what the program put together does: the cost of a password stands in its hash, and a
// session is kept as long as it may be idle, and the minute that Redis remembers more.
func TestStaffAreKeptAsTheSettingsSay(t *testing.T) {
	c := openCage(t, conf.SQLite)
	c.keeper()
	for _, hash := range c.column("SELECT password_hash FROM staff_credentials") {
		if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("a password is kept as %s", hash)
		}
	}
	client := goredis.NewClient(&goredis.Options{Addr: c.redis.Addr})
	defer client.Close()
	keys, err := client.Keys(t.Context(), "*staff-session*").Result()
	if err != nil || len(keys) == 0 {
		t.Fatalf("the sessions are %v, %v", keys, err)
	}
	for _, key := range keys {
		if left, err := client.PTTL(t.Context(), key).Result(); err != nil || left > 31*time.Minute || left < 29*time.Minute {
			t.Errorf("%s is kept for %s, %v", key, left, err)
		}
	}
}
