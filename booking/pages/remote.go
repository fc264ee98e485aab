package pages

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/hall"
	"vez/web"
)

type remotePage struct {
	choice
	Address string
	Action  string
	Live    *comeNow
	Now     time.Time
	Grace   time.Duration // to come late and keep the place
	Notice  *notice
	Book    string // what else is possible; "" when no bookings are taken
}

// remote explains a ticket taken from afar before it is taken.
func (r *room) remote(c *fiber.Ctx) error {
	p, err := r.place(c.Params("service"), c.Params("office"))
	if err != nil {
		return err
	}
	return r.showRemote(c, p, nil)
}

func (r *room) showRemote(c *fiber.Ctx, p place, refused error) error {
	now := r.Hall.Now().In(p.office.Location())
	page := remotePage{
		choice: r.choice(c, p), Address: p.office.Address.In(web.Lang(c)), Live: r.comeNow(c.UserContext(), p, now), Now: now,
		Grace: p.queue.RulesOn(p.office.Day(now)).RemoteGrace,
	}
	page.Action = page.DaysURL + "/ticket"
	if p.bookable(p.office.Day(now)) {
		page.Book = page.DaysURL
	}
	if refused == nil {
		return web.Render(c, "booking/remote", page)
	}
	page.Notice = problem(c, refused)
	if fault.CodeOf(refused) == fault.AlreadyInLine {
		page.Notice.Title, page.Notice.Text = web.Text(c).T("booking.remote.has.title"), web.Text(c).T("booking.remote.has.text")
		page.Notice.URL, page.Notice.Link = "/my", web.Text(c).T("frame.nav.mine")
	}
	return web.Render(c, "booking/remote", page, web.Status(web.StatusOf(fault.Of(refused).Kind)))
}

// take gives a ticket for today to somebody who is still elsewhere.
func (r *room) take(c *fiber.Ctx) error {
	p, err := r.place(c.Params("service"), c.Params("office"))
	if err != nil {
		return err
	}
	is, err := r.Hall.Issue(c.UserContext(), act(c), hall.IssueRequest{
		Office: p.office.ID, Service: p.service.ID, Remote: true, Holder: citizen(c), Lang: web.Lang(c), People: 1, NoticeAt: noticeAt,
	})
	if err != nil && tellable(err) {
		return r.showRemote(c, p, err)
	} else if err != nil {
		return err
	}
	return web.Back(c, "/t/"+is.Link)
}

// noticeAt is how many are still ahead when the page says that it is time to go.
const noticeAt = 5
