package redis

import (
	"context"
	"crypto/tls"
	"net"
	"time"
)

type dialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// dialer hands out a dead connection instead of an error. After as many failed dials as the pool has places, go-redis
// asks only once a second whether Redis is back; a connection that fails in its first write is not counted, so the
// first request after Redis returns finds it.
func (o *Options) dialer() dialFunc {
	dial := plainOrTLS(o.tlsConfig())
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return deadConn{err}, nil //nolint:nilerr // the connection carries the error
		}
		return conn, nil
	}
}

func plainOrTLS(config *tls.Config) dialFunc {
	plain := &net.Dialer{KeepAlive: time.Minute}
	if config == nil {
		return plain.DialContext
	}
	return (&tls.Dialer{NetDialer: plain, Config: config}).DialContext
}

// deadConn answers everything with the error that dialling gave.
type deadConn struct{ err error }

func (c deadConn) Read([]byte) (int, error)         { return 0, c.err }
func (c deadConn) Write([]byte) (int, error)        { return 0, c.err }
func (c deadConn) Close() error                     { return nil }
func (c deadConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c deadConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c deadConn) SetDeadline(time.Time) error      { return nil }
func (c deadConn) SetReadDeadline(time.Time) error  { return nil }
func (c deadConn) SetWriteDeadline(time.Time) error { return nil }
