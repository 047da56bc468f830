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
		Staff:     defaultStaff(),
		Limits:    defaultLimits(),
		Community: Community{Timezone: "Asia/Shanghai"},
		Booking:   defaultBooking(),
		Desk:      Desk{CheckInCodeLife: 10 * time.Minute, CloseStaysAfter: 12 * time.Hour, MaxPickupPersons: 5, SweepBatch: 200, LookEvery: time.Second, LiveBeat: 15 * time.Second},
		Audit:     Audit{KeepDays: 366, LinesInFile: 20_000},
		Exports:   Exports{Keep: 24 * time.Hour, AtOnce: 2000},
		Sites:     Sites{CertificateNoticeDays: 60, MaxPhotos: 12, MaxPhoto: 5 * MiB, UploadTimeout: time.Minute},
		Messages:  defaultMessages(),
		Templates: defaultTemplates(),
		Jobs:      defaultJobs(),
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
		Reveal: Limit{Count: 60, Per: time.Hour, Burst: 20}, RevealIP: Limit{Count: 300, Per: time.Hour, Burst: 100},
	}
}

func defaultBooking() Booking {
	return Booking{SlotsAheadDays: 30, MaxChildren: 6, MaxLiveBookings: 20, MaxWaiting: 10, MaxAtOnce: 10,
		DrawWait: 24 * time.Hour, DrawKnownBefore: 12 * time.Hour, IdempotencyKeep: 24 * time.Hour}
}

func defaultMessages() Messages {
	return Messages{
		QuietFrom: "21:30", QuietUntil: "07:30", StaleAfter: 48 * time.Hour, RetryAfter: 15 * time.Minute,
		RemindEvening: "19:00", RemindSoon: 2 * time.Hour,
	}
}

// defaultTemplates have fields that the demo mode can show; the ids are the operator's own.
func defaultTemplates() Templates {
	showing := func(fields ...string) Template { return Template{Page: "pages/notices/index", Fields: fields} }
	return Templates{
		Booked:        showing("thing1=site", "time2=session", "thing3=note"),
		Reminder:      showing("thing1=site", "time2=session", "thing3=note"),
		PlaceOffered:  showing("thing1=site", "time2=session", "time3=until"),
		SiteCancelled: showing("thing1=site", "time2=session", "thing3=note"),
		DrawResult:    showing("thing1=site", "time2=session", "phrase3=result"),
		Strike:        showing("thing1=site", "time2=session", "thing3=note"),
	}
}

func defaultJobs() Jobs {
	return Jobs{
		Enabled: true, Poll: time.Second, Lease: time.Minute, NightLease: 15 * time.Minute, Batch: 50, Workers: 4,
		Attempts: 12, BackoffFirst: 5 * time.Second, BackoffMost: time.Hour, AuditAt: "03:30",
		GenerateEvery: 10 * time.Minute, SweepEvery: time.Minute, RemindEvery: time.Minute, CleanUpEvery: time.Minute,
	}
}

// defaultStaff hashes passwords as OWASP advises, and trusts length more than complexity and periodic change (NIST SP
// 800-63B); the switches for 等保 are there.
func defaultStaff() Staff {
	return Staff{
		SessionIdle: 30 * time.Minute, SessionAbsolute: 12 * time.Hour,
		InvitationLife: 72 * time.Hour, TicketLife: 5 * time.Minute, ResetLife: 24 * time.Hour,
		Password:    Password{MinLength: 12, Complexity: 1, Memory: 19 * MiB, Passes: 2, Lanes: 1, AtOnce: 4},
		AccountLock: Lock{After: 5, First: 5 * time.Minute, Most: 4 * time.Hour, Window: 24 * time.Hour},
		AddressLock: Lock{After: 50, First: 15 * time.Minute, Most: 24 * time.Hour, Window: time.Hour},
	}
}
