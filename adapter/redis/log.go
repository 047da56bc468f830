package redis

import (
	"context"
	"fmt"
	"log/slog"

	goredis "github.com/redis/go-redis/v9"
)

// LogTo sends what go-redis has to say to log, as debug lines: whoever calls gets the error and judges it. The
// library's logger belongs to the whole process, so this is called once, at the start.
func LogTo(log *slog.Logger) { goredis.SetLogger(lines{log}) }

type lines struct{ log *slog.Logger }

func (l lines) Printf(ctx context.Context, format string, v ...any) {
	l.log.DebugContext(ctx, "redis", "line", fmt.Sprintf(format, v...))
}
