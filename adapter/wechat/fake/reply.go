package fake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// reply is an answer before any fault spoils it.
type reply struct {
	status    int
	mediaType string
	body      []byte
	errcode   int
}

// verdict is an errcode and its errmsg; the zero verdict is no objection.
type verdict struct {
	code   int
	reason string
}

func (v verdict) ok() bool { return v.code == 0 }

// said is a JSON answer of success; errcode 0 is included where the real call has it.
func said(fields map[string]any) reply {
	body, err := json.Marshal(fields)
	if err != nil {
		panic(err) // only strings, numbers and maps of them come here
	}
	return reply{status: http.StatusOK, mediaType: "application/json; encoding=utf-8", body: body}
}

// refuse answers an error the way WeChat does: HTTP 200, with a request id at the end of the text.
func (s *Server) refuse(v verdict) reply {
	s.serial++
	out := said(map[string]any{"errcode": v.code, "errmsg": fmt.Sprintf("%s, rid: %08x-%08x-fa4e", v.reason, s.o.Now().Unix(), s.serial)})
	out.errcode = v.code
	return out
}

// Fault is what goes wrong with a call. Exactly one of the first group is set. Status, Hang, Errcode, Body and Redirect
// come instead of doing the call; CutBody and Oversized spoil the answer of a call that was done.
type Fault struct {
	Status    int    // answer this HTTP status, e.g. 502
	Hang      bool   // answer nothing until the client goes away or Close
	CutBody   bool   // break the connection in the middle of the body
	Oversized int64  // answer so many bytes of JSON
	Errcode   int    // refuse with this errcode
	Body      string // answer this instead
	Redirect  string // answer 302 to this address

	Errmsg    string // with Errcode
	MediaType string // with Body; default application/json
}

type planned struct {
	fault Fault
	times int
}

// Fail plans a fault for the next calls to path: so many of them, or all until Heal when times is negative. Plans queue.
func (s *Server) Fail(path string, fault Fault, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[path] = append(s.faults[path], &planned{fault, times})
}

// Heal forgets the faults planned for path.
func (s *Server) Heal(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.faults, path)
}

func (s *Server) dueFault(path string) Fault {
	plan := s.faults[path]
	for len(plan) > 0 && plan[0].times == 0 {
		plan = slices.Delete(plan, 0, 1)
	}
	s.faults[path] = plan
	if len(plan) == 0 {
		return Fault{}
	}
	if plan[0].times > 0 {
		plan[0].times--
	}
	return plan[0].fault
}

func (f Fault) spoils() bool { return f.Hang || f.CutBody || f.Oversized > 0 || f.Status != 0 }

// instead is the answer given without doing the call, or nil.
func (f Fault) instead(s *Server) *reply {
	switch {
	case f.Hang:
		return &reply{}
	case f.Status != 0:
		return &reply{status: f.Status, mediaType: "text/html", body: []byte("<html>bad gateway</html>")}
	case f.Redirect != "":
		return &reply{status: http.StatusFound, mediaType: "text/html"}
	case f.Errcode != 0:
		out := s.refuse(verdict{f.Errcode, cmp.Or(f.Errmsg, "as planned")})
		return &out
	case f.Body != "":
		return &reply{status: http.StatusOK, mediaType: cmp.Or(f.MediaType, "application/json"), body: []byte(f.Body)}
	}
	return nil
}

func (s *Server) write(w http.ResponseWriter, r *http.Request, out reply, f Fault) {
	switch {
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
		panic(http.ErrAbortHandler)
	case f.Oversized > 0:
		writeOversized(w, f.Oversized)
		return
	case f.Redirect != "":
		w.Header().Set("Location", f.Redirect)
	}
	w.Header().Set("Content-Type", out.mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(out.body)))
	w.WriteHeader(out.status)
	if f.CutBody {
		_, _ = w.Write(out.body[:len(out.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(out.body)
}

func writeOversized(w http.ResponseWriter, size int64) {
	w.Header().Set("Content-Type", "application/json")
	piece := slices.Repeat([]byte{' '}, 32<<10)
	for written := int64(0); written < size; written += int64(len(piece)) {
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
	_, _ = w.Write([]byte(`{"errcode":0}`))
}
