package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// seenCookie keeps in this browser when its person last opened their memo list,
// so that the house need not note what they read and when.
const seenCookie = "vez_memo"

// seenFor is as long as bookings can lie ahead, and a little more.
const seenFor = 200 * 24 * time.Hour

func (r *room) seenName(c *fiber.Ctx) string {
	if r.secure(c) {
		return "__Host-" + seenCookie
	}
	return seenCookie
}

// whose marks the cookie with its person: several may use one browser.
func whose(holder string) string {
	sum := sha256.Sum256([]byte("memo seen\x00" + holder))
	return hex.EncodeToString(sum[:6])
}

// seen is when the memo list was last opened here by who is signed in, in house
// time; zero for never. What is in the future counts for nothing: the house
// clock of a demonstration may begin anew.
func (r *room) seen(c *fiber.Ctx) time.Time {
	who, at, _ := strings.Cut(c.Cookies(r.seenName(c)), ".")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil || who != whose(citizen(c)) {
		return time.Time{}
	}
	if seen := time.UnixMilli(ms); !seen.After(r.Hall.Now()) {
		return seen
	}
	return time.Time{}
}

func (r *room) keepSeen(c *fiber.Ctx) {
	c.Cookie(&fiber.Cookie{
		Name: r.seenName(c), Value: whose(citizen(c)) + "." + strconv.FormatInt(r.Hall.Now().UnixMilli(), 10), Path: "/", HTTPOnly: true,
		SameSite: fiber.CookieSameSiteLaxMode, Secure: r.secure(c), MaxAge: int(seenFor / time.Second),
	})
}
