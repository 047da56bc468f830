package fake

import (
	"encoding/json"
	"time"
)

const (
	// overlap is the last stretch of a token's life: whoever asks gets the successor, and both are good.
	overlap = 5 * time.Minute
	// A refresh can be forced so often a day, and not faster than this.
	forcedADay  = 20
	forcedPause = 30 * time.Second
)

var badJSON = verdict{47001, "data format error"}

type token struct {
	expires time.Time
	revoked bool
}

// RevokeToken makes the current token bad before its time, as WeChat sometimes does; the next one asked for is new.
func (s *Server) RevokeToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoke()
}

func (s *Server) revoke() {
	if current := s.tokens[s.current]; current != nil {
		current.revoked = true
	}
	s.current = ""
}

func (s *Server) grantToken(in request) (reply, verdict) {
	var asked struct {
		GrantType    string `json:"grant_type"`
		AppID        string `json:"appid"`
		Secret       string `json:"secret"`
		ForceRefresh bool   `json:"force_refresh"`
	}
	if json.Unmarshal(in.body, &asked) != nil {
		return reply{}, badJSON
	}
	if asked.GrantType != "client_credential" {
		return reply{}, verdict{40002, "invalid grant_type"}
	}
	if problem := s.checkAccount(asked.AppID, asked.Secret); !problem.ok() {
		return reply{}, problem
	}
	if problem := s.force(asked.ForceRefresh, in.now); !problem.ok() {
		return reply{}, problem
	}
	value, left := s.stableToken(in.now)
	return said(map[string]any{"access_token": value, "expires_in": int(left.Seconds())}), verdict{}
}

// force throws the current token away, within limits.
func (s *Server) force(wanted bool, now time.Time) verdict {
	if !wanted {
		return verdict{}
	}
	for len(s.forced) > 0 && now.Sub(s.forced[0]) >= 24*time.Hour {
		s.forced = s.forced[1:]
	}
	count := len(s.forced)
	if count >= forcedADay || count > 0 && now.Sub(s.forced[count-1]) < forcedPause {
		return verdict{45009, "reach max api daily quota limit"}
	}
	s.forced = append(s.forced, now)
	s.revoke()
	return verdict{}
}

// stableToken is the current token while more than the overlap remains of it, and a new one otherwise.
func (s *Server) stableToken(now time.Time) (string, time.Duration) {
	if current := s.tokens[s.current]; current != nil {
		if left := current.expires.Sub(now); left >= overlap {
			return s.current, left
		}
	}
	for value, old := range s.tokens {
		if now.Sub(old.expires) > 24*time.Hour {
			delete(s.tokens, value)
		}
	}
	s.current = s.secret("accesstoken_")
	s.tokens[s.current] = &token{expires: now.Add(s.o.TokenLife)}
	return s.current, s.o.TokenLife
}

func (s *Server) checkToken(in request) verdict {
	given := in.query.Get("access_token")
	found := s.tokens[given]
	switch {
	case given == "":
		return verdict{41001, "access_token missing"}
	case found == nil:
		return verdict{40001, "invalid credential, access_token is invalid or not latest"}
	case !in.now.Before(found.expires):
		return verdict{42001, "access_token expired"}
	case found.revoked:
		return verdict{40001, "invalid credential, access_token is invalid or not latest"}
	}
	return verdict{}
}
