package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"jiamenkou/adapter/redis"
	"jiamenkou/adapter/wechat"
	"jiamenkou/adapter/wechat/fake"
	"jiamenkou/conf"
)

// wechatSide is the platform as the program sees it, and the fake behind it in demo mode.
type wechatSide struct {
	client *wechat.Client
	demo   *fake.Server // nil when WeChat is real
}

// demoAppID and demoAppSecret are the fake's own; they open nothing anywhere.
const (
	demoAppID     = "wx-demo-jiamenkou"
	demoAppSecret = "demo-secret-of-the-fake-wechat"
)

func (h *house) openWeChat(ctx context.Context) (err error) {
	w := h.settings.WeChat
	o := wechat.Options{
		AppID: w.AppID, AppSecret: w.AppSecret.Reveal(), PushToken: w.PushToken.Reveal(), PushAESKey: w.PushAESKey.Reveal(),
		BaseURL: w.BaseURL, Timeout: w.Timeout, MiniProgramState: string(w.MiniProgramState),
		Cache: redis.NewCache(h.redis), Logger: h.log, Now: now,
	}
	h.wechat = &wechatSide{}
	if w.Mode == conf.WeChatDemo {
		o.AppID, o.AppSecret, o.PushToken, o.PushAESKey, o.OnlyFake = demoAppID, demoAppSecret, "", "", true
		if o.BaseURL, err = h.startFake(ctx); err != nil {
			return err
		}
	}
	if h.wechat.client, err = wechat.New(o); err != nil {
		return err
	}
	h.closers = append(h.closers, func() error { h.wechat.client.Close(); return nil })
	return nil
}

// startFake serves the fake WeChat on a loopback port of its own.
func (h *house) startFake(ctx context.Context) (address string, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	h.wechat.demo = fake.New(fake.Options{
		AppID: demoAppID, AppSecret: demoAppSecret, Now: now, Demo: true, AlwaysConsents: true, OnMessage: h.showMessage,
	})
	server := &http.Server{Handler: h.wechat.demo, ReadHeaderTimeout: time.Second, ErrorLog: slog.NewLogLogger(h.log.Handler(), slog.LevelWarn)}
	go func() { _ = server.Serve(listener) }() // ends with Close
	h.closers = append(h.closers, func() error { h.wechat.demo.Close(); return server.Close() })
	return "http://" + listener.Addr().String(), nil
}
