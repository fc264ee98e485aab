package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"path"
	"sort"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
)

//go:embed assets
var ownAssets embed.FS

//go:embed css/*.css
var ownStyles embed.FS

// assets are files served under /assets/<hash>/<room>/…, where the hash is that
// of all of them together: modules may import each other by relative paths, and
// a browser keeps them for ever.
type assets struct {
	files map[string]*asset
	once  sync.Once
	hash  string
}

type asset struct {
	kind   string
	plain  []byte
	zipped []byte // nil when not smaller
}

func newAssets() *assets { return &assets{files: map[string]*asset{}} }

// Assets registers the files of a room under root, served as
// /assets/<hash>/<room>/<path>.
func (a *App) Assets(room string, fsys fs.FS, root string) error {
	return a.assets.add(room, fsys, root)
}

func (s *assets) add(room string, fsys fs.FS, root string) error {
	return fs.WalkDir(fsys, root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		rest := strings.TrimPrefix(strings.TrimPrefix(name, root), "/")
		s.files[room+"/"+rest] = newAsset(name, body)
		return nil
	})
}

// addStyles joins the files of css/ in the order of their names into one
// web/vez.css, so that a phone asks once.
func (s *assets) addStyles() error {
	names, err := fs.Glob(ownStyles, "css/*.css")
	if err != nil {
		return err
	}
	var all bytes.Buffer
	for _, name := range names {
		body, err := fs.ReadFile(ownStyles, name)
		if err != nil {
			return err
		}
		all.Write(body)
	}
	s.files["web/vez.css"] = newAsset("vez.css", all.Bytes())
	return nil
}

var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".png": "image/png", ".woff2": "font/woff2", ".webmanifest": "application/manifest+json",
	".mp3": "audio/mpeg", ".wav": "audio/wav", ".ogg": "audio/ogg",
}

func newAsset(name string, body []byte) *asset {
	kind := kinds[path.Ext(name)]
	if kind == "" {
		kind = mime.TypeByExtension(path.Ext(name))
	}
	a := &asset{kind: or(kind, fiber.MIMEOctetStream), plain: body}
	var zipped bytes.Buffer
	w, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	if zipped.Len() < len(body)*9/10 {
		a.zipped = zipped.Bytes()
	}
	return a
}

// sum is made once, at the first address asked for.
func (s *assets) sum() string {
	s.once.Do(func() {
		names := make([]string, 0, len(s.files))
		for name := range s.files {
			names = append(names, name)
		}
		sort.Strings(names)
		h := sha256.New()
		for _, name := range names {
			fmt.Fprintf(h, "%s %d\n", name, len(s.files[name].plain))
			h.Write(s.files[name].plain)
		}
		s.hash = hex.EncodeToString(h.Sum(nil))[:16]
	})
	return s.hash
}

// Asset is the address of a file, such as "web/vez.css" or "board/board.js".
// An unknown file panics, inside a template as an error of the page.
func (a *App) Asset(name string) string {
	if a.assets.files[name] == nil {
		panic("web: there is no asset " + name)
	}
	return "/assets/" + a.assets.sum() + "/" + name
}

// script is the element that loads an ES module.
func (a *App) script(name string) template.HTML {
	return template.HTML(`<script type="module" src="` + template.HTMLEscapeString(a.Asset(name)) + `"></script>`)
}

func (a *App) serveAsset(c *fiber.Ctx) error {
	file := a.assets.files[c.Params("*")]
	if file == nil {
		return fault.New(fault.UnknownThing)
	}
	keep := "no-cache" // another version of the program is asking
	if c.Params("hash") == a.assets.sum() {
		keep = "public, max-age=31536000, immutable"
	}
	c.Set(fiber.HeaderCacheControl, keep)
	c.Set(fiber.HeaderContentType, file.kind)
	c.Response().Header.Del(fiber.HeaderVary)
	c.Vary(fiber.HeaderAcceptEncoding)
	if file.zipped != nil && strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "gzip") {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(file.zipped)
	}
	return c.Send(file.plain)
}
