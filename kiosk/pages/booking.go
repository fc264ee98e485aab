package pages

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
)

// scanData is the data of the pages kiosk/booking and kiosk/return.
type scanData struct {
	frame
	Wished            string // what was asked for at the counter, in words
	NeedsURL, TypeURL string
}

func (v *visit) scanData() scanData {
	return scanData{v.frame(v.home), v.wish.words(v.text), v.to("/needs"), v.to("/booking/type")}
}

// booking asks for the code: GET /kiosk/{office}/booking.
func (r *room) booking(c *fiber.Ctx, v *visit) error {
	return v.show(c, "booking", v.scanData())
}

// comeBackDoor is for who was told to come back: GET /kiosk/{office}/return.
func (r *room) comeBackDoor(c *fiber.Ctx, v *visit) error {
	return v.show(c, "return", v.scanData())
}

// keys of the keypad: Crockford's alphabet, which has no I, L, O and U.
const keys = "1234567890ABCDEFGHJKMNPQRSTVWXYZ"

// typingData is the data of the page kiosk/typing.
type typingData struct {
	frame
	Keys   []string
	Typed  string
	Length int
}

// typing is the keypad: GET /kiosk/{office}/booking/type?typed=7K3M.
func (r *room) typing(c *fiber.Ctx, v *visit) error {
	return v.show(c, "typing", typingData{v.frame(v.to("/booking")), strings.Split(keys, ""), shown(c.Query("typed")), booking.ReferenceLength})
}

// typed adds a key to what was typed, for browsers without scripts.
func (r *room) typed(c *fiber.Ctx, v *visit) error {
	text := clean(c.FormValue("reference"))
	switch key := c.FormValue("key"); {
	case key == "back" && text != "":
		text = text[:len(text)-1]
	case key == "clear":
		text = ""
	case len(key) == 1 && strings.Contains(keys, key):
		text += key
	}
	return c.Redirect(v.to("/booking/type", "typed", text), fiber.StatusSeeOther)
}

// clean reads what was typed as letters and digits of the keypad, one reference at the most.
func clean(text string) string {
	text = strings.Map(func(c rune) rune {
		if strings.ContainsRune(keys, c) {
			return c
		}
		return -1
	}, strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text)))
	return text[:min(len(text), booking.ReferenceLength)]
}

// shown writes it in groups of four.
func shown(text string) string {
	if text = clean(text); len(text) > 4 {
		return text[:4] + " " + text[4:]
	}
	return text
}
