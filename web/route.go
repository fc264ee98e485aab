package web

import (
	"context"
	"fmt"
	"net/url"
	"sort"
	"strings"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
)

// Principal is who sends a request. The zero value is nobody.
type Principal struct {
	// ID is a citizen's pseudonym, a staff member's or a device's id.
	ID string
	// Roles are the roles held anywhere: citizen, clerk, greeter, manager,
	// admin, device, auditor. Where they hold is in Grants.
	Roles []string
	// Device is the kind of a device: kiosk, board or printer.
	Device string
	// Name is shown to the person themselves; it is never logged.
	Name string
	// Grants is whatever the identity room keeps with a principal.
	Grants any
	// Lives tells whether they are still signed in, as far as can be known now;
	// being asked is no sign of use. nil: for good.
	Lives func(context.Context) bool
}

// Known says whether it is somebody.
func (p Principal) Known() bool { return p.ID != "" }

// Is says whether the principal holds one of the roles.
func (p Principal) Is(roles ...string) bool {
	for _, role := range roles {
		for _, r := range p.Roles {
			if r == role {
				return true
			}
		}
	}
	return false
}

// Staff says whether the principal works here.
func (p Principal) Staff() bool { return p.Is(staffRoles...) }

var staffRoles = []string{"clerk", "greeter", "manager", "admin", "auditor"}

// Audience is who a route is for. The zero Audience is nobody and is refused
// when a route is registered.
type Audience struct {
	public  bool
	roles   []string
	devices []string
}

// Public is everybody, signed in or not.
var Public = Audience{public: true}

// Citizen is a signed-in resident.
var Citizen = Audience{roles: []string{"citizen"}}

// Staff is staff with one of the roles; with none named, any of staff.
func Staff(roles ...string) Audience {
	if len(roles) == 0 {
		roles = staffRoles
	}
	return Audience{roles: roles}
}

// Device is a paired device of one of the kinds; with none named, of any.
func Device(kinds ...string) Audience {
	if len(kinds) == 0 {
		kinds = []string{"kiosk", "board", "printer"}
	}
	return Audience{devices: kinds}
}

// AnyOf is everybody who is in one of the audiences.
func AnyOf(all ...Audience) Audience {
	var sum Audience
	for _, a := range all {
		sum.public = sum.public || a.public
		sum.roles = append(sum.roles, a.roles...)
		sum.devices = append(sum.devices, a.devices...)
	}
	return sum
}

// Declared says whether the audience names anybody.
func (a Audience) Declared() bool { return a.public || len(a.roles)+len(a.devices) > 0 }

// Public says whether it is everybody.
func (a Audience) Public() bool { return a.public }

// Admits says whether a principal is in the audience.
func (a Audience) Admits(p Principal) bool {
	if a.public {
		return true
	}
	if !p.Known() {
		return false
	}
	for _, kind := range a.devices {
		if p.Device == kind {
			return true
		}
	}
	return p.Is(a.roles...)
}

// String lists the audience for a table of routes: "public", "clerk, device:kiosk".
func (a Audience) String() string {
	if a.public {
		return "public"
	}
	names := append([]string(nil), a.roles...)
	for _, kind := range a.devices {
		names = append(names, "device:"+kind)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

// Route is one page or action.
type Route struct {
	// Method is an HTTP method; GET answers HEAD as well.
	Method string
	// Path is a Fiber pattern such as /t/:token.
	Path string
	// Audience is who may; it must be declared.
	Audience Audience
	// Handler answers; its error goes through the one error mapping.
	Handler fiber.Handler
	// Layout is that of the page and of its fault pages; default "site".
	Layout string
	// Camera lets the page ask for the camera.
	Camera bool
	// CrossSite allows form posts from other sites: only for callbacks that
	// carry their own proof.
	CrossSite bool
}

// Handle registers a route. It panics on a route that declares no audience or
// has no handler: that is a mistake in the program, found at every start.
func (a *App) Handle(r Route) {
	if !r.Audience.Declared() || r.Handler == nil {
		panic(fmt.Sprintf("web: route %s %s declares no audience or no handler", r.Method, r.Path))
	}
	r.Layout = or(r.Layout, "site")
	a.routes = append(a.routes, r)
	if r.Method == fiber.MethodGet {
		a.fiber.Add(fiber.MethodHead, r.Path, a.guard(r), r.Handler)
	}
	a.fiber.Add(r.Method, r.Path, a.guard(r), r.Handler)
}

// Mount announces that everything under a prefix is registered on the Fiber app
// by somebody else, such as the API's adapter, for an audience that holds at
// least. The cross-site check runs there too. Call it before they register.
func (a *App) Mount(prefix string, audience Audience) {
	if !audience.Declared() {
		panic("web: mount " + prefix + " declares no audience")
	}
	r := Route{Method: "*", Path: strings.TrimSuffix(prefix, "/") + "/*", Audience: audience, Layout: "site"}
	a.mounts = append(a.mounts, r)
	a.fiber.Use(prefix, a.guard(r))
}

// Routes lists the declared routes in the order of their registration.
func (a *App) Routes() []Route { return append([]Route(nil), a.routes...) }

// Undeclared lists "METHOD path" of what Fiber would answer although nobody
// declared an audience for it. A test keeps it empty.
func (a *App) Undeclared() []string {
	declared := map[string]bool{}
	for _, r := range a.routes {
		declared[r.Method+" "+r.Path] = true
		if r.Method == fiber.MethodGet {
			declared[fiber.MethodHead+" "+r.Path] = true
		}
	}
	var missing []string
	for _, r := range a.fiber.GetRoutes(true) {
		if name := r.Method + " " + r.Path; !declared[name] && !a.mounted(r.Path) {
			missing = append(missing, name)
		}
	}
	return missing
}

func (a *App) mounted(path string) bool {
	for _, m := range a.mounts {
		if prefix := strings.TrimSuffix(m.Path, "/*"); path == prefix || strings.HasPrefix(path, prefix+"/") {
			return true
		}
	}
	return false
}

// guard keeps a route to its audience and its forms to our own pages.
func (a *App) guard(r Route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		stateOf(c).route = r
		if r.Camera {
			c.Set("Permissions-Policy", permissions(true))
		}
		if !r.CrossSite {
			if err := a.sameSite(c); err != nil {
				return err
			}
		}
		if r.Audience.public {
			return a.limited(c, r)
		}
		c.Set(fiber.HeaderCacheControl, "no-store")
		if err := a.admit(c, r.Audience); err != nil {
			return err
		}
		if c.Response().StatusCode() == fiber.StatusSeeOther {
			return nil
		}
		return a.limited(c, r)
	}
}

// limited counts a change and goes on. The API counts its own: it knows better
// who asks.
func (a *App) limited(c *fiber.Ctx, r Route) error {
	if r.Method != "*" && r.Method != fiber.MethodGet && r.Method != fiber.MethodHead {
		if err := LimitWrite(c, Who(c)); err != nil {
			return err
		}
	}
	return c.Next()
}

// admit refuses who is not in the audience; nobody at all is led to the sign-in
// when a page was asked for.
func (a *App) admit(c *fiber.Ctx, audience Audience) error {
	who, err := whoOrFault(c)
	if audience.Admits(who) {
		return nil
	}
	if err == nil && who.Known() {
		return fault.New(fault.NotAllowed)
	}
	if err != nil && fault.Of(err).Kind == fault.Unavailable {
		return err // whoever it is may well be signed in
	}
	if c.Method() == fiber.MethodGet && !wantsJSON(c) {
		return c.Redirect(a.cfg.SignIn(audience, c.OriginalURL()), fiber.StatusSeeOther)
	}
	if err != nil {
		return err
	}
	return fault.New(fault.NotSignedIn)
}

func defaultSignIn(a Audience, back string) string {
	back = url.QueryEscape(back)
	switch {
	case len(a.roles) == 0:
		return "/pair?return=" + back
	case Principal{Roles: a.roles}.Is("citizen"):
		return "/signin?return=" + back
	}
	return "/signin?as=staff&return=" + back
}

// LocalPath gives back a path of this site, or "/" for anything that would lead
// away: what a sign-in must do with its return parameter.
func LocalPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}
