package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
)

// measureNearest asks for the nearest sites with open places tomorrow, from many corners of the district.
func measureNearest(ctx context.Context, s *stage, e effort) (rows []row, err error) {
	for _, sites := range []int{9, 300} {
		r, err := nearestOf(ctx, s, e, sites)
		if err != nil {
			return nil, err
		}
		rows = append(rows, atLeast(fmt.Sprintf("nearest of %d sites with open places", sites), "/s", r, 0.6))
	}
	return rows, nil
}

func nearestOf(ctx context.Context, s *stage, e effort, sites int) (r result, err error) {
	d, err := s.gather(ctx, fmt.Sprintf("nearest%d", sites), sites)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	var n atomic.Int64
	ask := func() []byte { return d.nearest(int(n.Add(1))) }
	body, err := d.once(ctx, ask())
	if err != nil {
		return r, err
	}
	return d.beside(ctx, e, http.StatusOK, body, ask, compose(http.MethodGet, "/answer", d.families[0].token, "", ""))
}

func (d *district) nearest(n int) []byte {
	path := fmt.Sprintf("/api/v1/sites?near=%.4f,%.4f&date=%s", 31.10+float64(n%97)*0.001, 121.40+float64(n%89)*0.001, d.day(1))
	return compose(http.MethodGet, path, d.families[n%guests].token, "", "")
}

// once gives the answer to a request that must succeed.
func (d *district) once(ctx context.Context, request []byte) ([]byte, error) {
	w, err := dial(ctx, d.addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = w.conn.Close() }()
	body, err := w.want(http.StatusOK, request)
	return bytes.Clone(body), err
}
