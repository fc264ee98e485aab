package main

import (
	"context"
	"time"

	"vez/hall"
	"vez/locale"
	"vez/printer"
	"vez/reminder"
)

// openReminders joins the addresses that people left, the mail server and the
// printing room to what reminds; nothing is sent before the jobs start.
func (h *hub) openReminders(ctx context.Context) error {
	var err error
	if h.contacts, err = reminder.OpenContacts(ctx, h.memory.db, records{h.memory.db}, h.machine); err != nil {
		return err
	}
	cfg := reminder.Config{Store: h.memory.db, Catalogue: h.cat, Contacts: h.contacts, House: h.house, Machine: h.machine,
		Hub: h.name, Letters: h.askLetters, Log: h.log}
	if h.s.Mail.Server != "" {
		if cfg.Post, err = reminder.NewPost(h.s.Mail.Server, h.s.Mail.From); err != nil {
			return err
		}
		if cfg.Mails, err = reminder.OpenMails(ctx, h.memory.db, h.cat, said{h.text}, h.s.URL); err != nil {
			return err
		}
	}
	h.reminders = reminder.New(cfg)
	return h.tellUnmailed(ctx)
}

// tellUnmailed warns that people want mails and this hub cannot send them.
func (h *hub) tellUnmailed(ctx context.Context) error {
	if h.s.Mail.Server != "" {
		return nil
	}
	left, err := h.memory.db.HasContacts(ctx)
	if left {
		h.log.Warn("reminders: people have left addresses, and VEZ_MAIL is not set: they get letters in place of mails")
	}
	return err
}

// askLetters asks for the paper of an office's batch of letters; asked again, it is the same job.
func (h *hub) askLetters(ctx context.Context, office, ref string) (string, error) {
	j, err := h.hall.AskPaper(ctx, hall.Act{Actor: "job:letters"}, hall.PaperRequest{Office: office, Kind: string(printer.KindLetters), Ref: ref})
	return j.ID, err
}

// stopReminders ends sending within the time that open requests have.
func (h *hub) stopReminders(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := h.reminders.Close(ctx); err != nil {
		h.log.Warn("reminders: the lead was not given up", "err", err)
	}
}

// said gives reminders the catalogues' texts.
type said struct{ bundle *locale.Bundle }

func (w said) T(lang, key string, args ...any) string { return w.bundle.In(lang).T(key, args...) }

func (w said) When(lang string, t, now time.Time) string {
	p := w.bundle.In(lang)
	return p.T("reminder.near", "day", p.Near(t, now), "time", p.Time(t))
}

func (w said) DateTime(lang string, t time.Time) string { return w.bundle.In(lang).DateTime(t) }
