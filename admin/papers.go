package admin

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/locale"
	"vez/office"
	"vez/printer"
	"vez/printer/content"
	"vez/printer/layout"
	"vez/web"
)

// Papers are what an office prints, for previews.
type Papers interface {
	// Samples lists an office's papers, as package content has them.
	Samples(office, holder string) []content.Sample
	// Sample composes one of them: of an office, by its id, on a format, for a
	// holder of a language ("" for none of their own). Faults: not_found for what
	// is not there, and those of the press.
	Sample(ctx context.Context, office, paper string, f printer.Format, holder string) (printer.Document, error)
}

// samples makes papers of the catalogue's own entries.
type samples struct {
	hall interface {
		Now() time.Time
		Catalogue() *office.Catalogue
	}
	press *printer.Press
}

// SamplePapers gives the papers of a hall's offices from the press that prints them.
func SamplePapers(h Hall, press *printer.Press) Papers { return samples{h, press} }

func (s samples) Samples(officeID, holder string) []content.Sample {
	return content.Samples(s.hall.Catalogue(), officeID, holder, s.hall.Now())
}

func (s samples) Sample(_ context.Context, officeID, paper string, f printer.Format, holder string) (printer.Document, error) {
	for _, x := range s.Samples(officeID, holder) {
		if x.ID == paper && slices.Contains(x.Formats, f) {
			return x.On(s.press, f)
		}
	}
	return printer.Document{}, fault.New(fault.UnknownThing, "what", "paper")
}

func (r *room) paperRoutes(get, post add) {
	if r.Papers == nil {
		return
	}
	get("/admin/offices/:office/papers", r.papers)
	get("/admin/offices/:office/papers/:paper.png", r.paperPNG)
	get("/admin/offices/:office/papers/:paper.pdf", r.paperPDF)
	if r.Lost != nil {
		post("/admin/offices/:office/papers/again", r.printMissing)
	}
}

// papersPage is the data of the page admin/papers.
type papersPage struct {
	head
	Holders []holderChoice
	Papers  []paperGroup
	// Missing are the papers of the last day that did not come out.
	Missing []missingPaper
	// NoFonts: nothing can be printed, and so nothing shown.
	NoFonts bool
}

// holderChoice is a language that a holder may have; "" for none of their own.
type holderChoice struct {
	Lang, Name string
	Current    bool
}

type paperGroup struct {
	// ID as in content; texts are admin.papers.paper.{ID}.
	ID       string
	Pictures []picture
}

type picture struct {
	Format printer.Format
	// Sheet of Sheets, from 1.
	Sheet, Sheets int
	// Width and Height of the paper in mm; W and H of the picture in pixels.
	Width, Height, W, H int
	URL, PDF            string
	// Words are all that it says.
	Words string
	// Failed: it cannot be composed.
	Failed bool
}

// papers shows all papers of an office: GET /admin/offices/{id}/papers?holder=pt.
func (r *room) papers(c *fiber.Ctx) error {
	p, err := r.place(c)
	if err != nil {
		return err
	}
	holder := holderOf(c)
	v := papersPage{head: r.head(c, p, "papers"), Holders: []holderChoice{{Current: holder == ""}}}
	if v.Missing, err = r.missing(c.UserContext(), p); err != nil {
		return err
	}
	for _, lang := range locale.Languages {
		v.Holders = append(v.Holders, holderChoice{lang, locale.Endonym(lang), lang == holder})
	}
	for _, s := range r.Papers.Samples(p.office.ID, holder) {
		g := paperGroup{ID: s.ID}
		for _, f := range s.Formats {
			shown, err := r.pictures(c.UserContext(), p, s.ID, f, holder)
			v.NoFonts = v.NoFonts || fault.CodeOf(err) == fault.FontsMissing
			g.Pictures = append(g.Pictures, shown...)
		}
		v.Papers = append(v.Papers, g)
	}
	return web.Render(c, "admin/papers", v, web.Wide())
}

// holderOf is the language asked for. It is not named lang, which would change
// the language of the page.
func holderOf(c *fiber.Ctx) string {
	if lang := c.Query("holder"); slices.Contains(locale.Languages, lang) {
		return lang
	}
	return ""
}

// sheetsShown of a document with several.
const sheetsShown = 2

func (r *room) pictures(ctx context.Context, p place, paper string, f printer.Format, holder string) ([]picture, error) {
	base := pathOf(p.office.ID) + "/papers/" + paper
	query := "?format=" + string(f)
	if holder != "" {
		query += "&holder=" + holder
	}
	doc, err := r.Papers.Sample(ctx, p.office.ID, paper, f, holder)
	if err != nil {
		return []picture{{Format: f, Failed: true}}, err
	}
	var out []picture
	for i, page := range doc.Pages[:min(len(doc.Pages), sheetsShown)] {
		x := picture{Format: f, Sheet: i + 1, Sheets: len(doc.Pages), Width: mm(page.Width), Height: mm(page.Height),
			URL: base + ".png" + query, PDF: base + ".pdf" + query, Words: strings.Join(strings.Fields(page.Words()), " ")}
		if i > 0 {
			x.URL += "&sheet=" + strconv.Itoa(i+1)
		}
		x.W, x.H = size(page, scaleOf(f))
		out = append(out, x)
	}
	return out, nil
}

func mm(dots int) int { return (dots + layout.DotsPerMM/2) / layout.DotsPerMM }

// scaleOf is pixels of the page to a dot of a head, in the gallery.
func scaleOf(f printer.Format) float64 {
	if f.Roll() {
		return .45
	}
	return .235
}

// sharper is how many pixels of a picture stand for one of the page, for fine screens.
const sharper = 1.6

func size(page *layout.List, scale float64) (w, h int) {
	return int(float64(page.Width) * scale), int(float64(page.Height) * scale)
}

const (
	// drawAtOnce keeps the machine free for what is really printed.
	drawAtOnce = 2
	// pictureKept is how long a browser may show a picture again; the date on it
	// is then a little old.
	pictureKept = "private, max-age=600"
)

// draw composes the document of a request and draws it, a few at a time.
func (r *room) draw(c *fiber.Ctx, do func(doc printer.Document, f printer.Format) ([]byte, error)) ([]byte, error) {
	p, err := r.place(c)
	if err != nil {
		return nil, err
	}
	select {
	case r.drawing <- struct{}{}:
		defer func() { <-r.drawing }()
	case <-r.app.Done():
		return nil, fault.New(fault.ShuttingDown)
	}
	f := printer.Format(c.Query("format"))
	doc, err := r.Papers.Sample(c.UserContext(), p.office.ID, c.Params("paper"), f, holderOf(c))
	if err != nil {
		return nil, err
	}
	return do(doc, f)
}

// paperPNG draws a sheet: GET …/papers/{paper}.png?format=&holder=&sheet=&size=large.
func (r *room) paperPNG(c *fiber.Ctx) error {
	data, err := r.draw(c, func(doc printer.Document, f printer.Format) ([]byte, error) {
		n := c.QueryInt("sheet", 1)
		if n < 1 || n > len(doc.Pages) {
			return nil, fault.New(fault.UnknownThing, "what", "sheet")
		}
		scale := sharper * scaleOf(f)
		if c.Query("size") == "large" {
			scale = 1
		}
		return printer.PNG(doc.Pages[n-1], scale)
	})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, pictureKept)
	c.Type("png")
	return c.Send(data)
}

// paperPDF gives the whole document: GET …/papers/{paper}.pdf?format=&holder=.
func (r *room) paperPDF(c *fiber.Ctx) error {
	data, err := r.draw(c, func(doc printer.Document, _ printer.Format) ([]byte, error) { return doc.PDF() })
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, pictureKept)
	c.Set(fiber.HeaderContentDisposition, `inline; filename="`+c.Params("paper")+"-"+c.Query("format")+`.pdf"`)
	c.Type("pdf")
	return c.Send(data)
}
