package bench

import (
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// The sizes of a move's request and answer, about.
const (
	askBytes    = 40
	answerBytes = 700
)

// empty is a handler of the same framework that does nothing but answer.
type empty struct {
	b    *Bench
	addr string
	end  func()
}

// emptyHandler answers GET with nothing and POST with a body as long as a move's.
func (b *Bench) emptyHandler() (*empty, error) {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	answer := strings.Repeat("x", answerBytes)
	app.Get("/", func(*fiber.Ctx) error { return nil })
	app.Post("/", func(c *fiber.Ctx) error { return c.SendString(answer) })
	ln, err := b.listen()
	if err != nil {
		return nil, err
	}
	go func() { _ = app.Listener(ln) }()
	return &empty{b, ln.Addr().String(), func() { _ = app.Shutdown() }}, nil
}

// posts is the load of so many connections on it.
func (e *empty) posts(n int, lasts time.Duration) (loaded, error) {
	return e.b.send(job{Lasts: lasts, Connections: n, Ask: &request{e.addr, "", "POST", "/", strings.Repeat("x", askBytes)}})
}

// gets is the load of so many connections on it.
func (e *empty) gets(n int, lasts time.Duration) (loaded, error) {
	return e.b.send(job{Lasts: lasts, Connections: n, Ask: &request{e.addr, "", "GET", "/", ""}})
}

// floor is what the generator alone makes of the machine: no move can be faster than it.
func (b *Bench) floor() ([]Row, error) {
	e, err := b.emptyHandler()
	if err != nil {
		return nil, err
	}
	defer e.end()
	got, err := e.posts(connections, b.lasts)
	if err != nil {
		return nil, err
	}
	return []Row{
		figure(fmt.Sprintf("%d connections on an empty handler, bodies as long as a move's", connections), got.PerSecond, "/s"),
		figure("  one of them, median", ms(got.P50), "ms"),
		figure("  one of them, 99th percentile", ms(got.P99), "ms").noting("the load generator's own: no move can be quicker"),
	}, nil
}
