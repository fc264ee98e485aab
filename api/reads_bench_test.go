package api_test

import (
	"testing"

	"github.com/valyala/fasthttp"

	"vez/api/apitest"
)

// BenchmarkReads is what one live read costs a hub, sockets left out: beside
// the least that a request costs at all.
func BenchmarkReads(b *testing.B) {
	h := apitest.New(b)
	var id string
	for range 40 {
		id = h.Must(201, kiosk, "POST", "/tickets", walkIn).Get("id")
	}
	token := "Bearer " + h.Token(kiosk)
	for _, read := range []struct{ name, path string }{
		{"frame", "/healthz"}, {"position", "/api/v1/tickets/" + id}, {"queues", "/api/v1/offices/main/queues"},
	} {
		b.Run(read.name, func(b *testing.B) {
			handle := h.App.Fiber().Handler()
			var ctx fasthttp.RequestCtx
			b.ReportAllocs()
			for b.Loop() {
				ctx.Request.Reset()
				ctx.Response.Reset()
				ctx.Request.Header.SetHost("vez")
				ctx.Request.SetRequestURI(read.path)
				ctx.Request.Header.Set("Authorization", token)
				handle(&ctx)
				ctx.ResetUserValues()
				if ctx.Response.StatusCode() != 200 {
					b.Fatal(ctx.Response.StatusCode())
				}
			}
		})
	}
}
