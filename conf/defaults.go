package conf

import "time"

// Defaults are the settings of a mode before anything is read. They differ in one
// thing: only development seeds demo data.
func Defaults(mode Mode) Settings {
	return Settings{
		Mode:      mode,
		HTTP:      defaultHTTP(),
		Log:       Log{Level: "info", Format: LogJSON},
		Database:  defaultDatabase(),
		Redis:     defaultRedis(),
		WeChat:    defaultWeChat(),
		Seal:      Seal{KeyringFile: "./data/keyring.json", Algorithm: SM4GCM},
		Session:   Session{Idle: 7 * 24 * time.Hour, Absolute: 30 * 24 * time.Hour, MaxPerResident: 10},
		Limits:    defaultLimits(),
		Community: Community{Timezone: "Asia/Shanghai"},
		Booking:   defaultBooking(),
		Jobs:      Jobs{Enabled: true},
		Demo:      Demo{Seed: mode == Development},
	}
}

func defaultHTTP() HTTP {
	return HTTP{
		Addr:            "127.0.0.1:8080",
		MetricsAddr:     "127.0.0.1:9090",
		TrustedProxies:  []string{},
		ShutdownTimeout: 20 * time.Second,
		RequestTimeout:  10 * time.Second,
		MaxBody:         64 * KiB,
	}
}

func defaultDatabase() Database {
	return Database{
		Driver:       SQLite,
		Path:         "./data/jiamenkou.db",
		MaxOpen:      64,
		MaxIdle:      64,
		ConnLifetime: 30 * time.Minute,
	}
}

func defaultRedis() Redis {
	return Redis{Mode: RedisEmbedded, Addrs: []string{}, Prefix: "jmk", PoolSize: 64}
}

func defaultWeChat() WeChat {
	return WeChat{
		Mode:             WeChatDemo,
		Timeout:          5 * time.Second,
		BaseURL:          "https://api.weixin.qq.com",
		MiniProgramState: StateFormal,
	}
}

// defaultLimits are generous per address: mobile carriers put thousands behind one,
// and a community centre's visitors share its network.
func defaultLimits() Limits {
	perMinute := func(count, burst int) Limit { return Limit{Count: count, Per: time.Minute, Burst: burst} }
	return Limits{
		Login: perMinute(10, 5), LoginIP: perMinute(300, 100),
		Booking: perMinute(30, 10), BookingIP: perMinute(600, 200),
		Search: perMinute(120, 40), SearchIP: perMinute(2400, 600),
		Write: perMinute(60, 20), WriteIP: perMinute(1200, 300),
		Read: perMinute(240, 80), ReadIP: perMinute(4800, 1200),
	}
}

func defaultBooking() Booking {
	return Booking{SlotsAheadDays: 14, MaxChildren: 6, MaxLiveBookings: 20, IdempotencyKeep: 24 * time.Hour}
}
