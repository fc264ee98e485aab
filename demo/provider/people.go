package provider

import (
	"slices"

	"vez/locale"
)

// Person is somebody to sign in as. The ID is the subject of the tokens.
type Person struct {
	ID string
	// Text is the key of the name under demo.people, N its number if it has one.
	Text string
	N    int
	// Lang is the language they prefer.
	Lang string
	// Roles as in the claim vez_roles; none for residents.
	Roles []string
	// Office is the one where all roles hold, or "".
	Office string
	// Email is an address under .example, where no mail can arrive (RFC 2606),
	// or "". Unverified says that nobody has proved it to be theirs.
	Email      string
	Unverified bool
}

// Staff says whether the person works here.
func (p Person) Staff() bool { return len(p.Roles) > 0 }

// name is the person's in a language.
func (p Person) name(text locale.Printer) string {
	return text.T("demo.people."+p.Text+".name", "n", p.N)
}

// People lists everybody, in the order of the page.
var People = slices.Concat(residents(), []Person{
	{ID: "clerk-1", Text: "clerk", N: 1, Lang: locale.ZhHant, Roles: []string{"clerk:*:*"}},
	{ID: "clerk-2", Text: "clerk", N: 2, Lang: locale.Pt, Roles: []string{"clerk:*:dsi-main"}, Office: "dsi-main"},
	{ID: "clerk-3", Text: "clerk", N: 3, Lang: locale.ZhHans, Roles: []string{"clerk:*:hengqin"}, Office: "hengqin"},
	{ID: "reception", Text: "reception", Lang: locale.ZhHant, Roles: []string{"greeter:*:*"}},
	{ID: "manager", Text: "manager", Lang: locale.ZhHant, Roles: []string{"manager:*:*", "admin:*:*"}},
})

// residents are six: the last but one has no e-mail address, the last one that
// is not verified, so that each case can be tried.
func residents() []Person {
	var out []Person
	for i, lang := range []string{locale.ZhHant, locale.Pt, locale.En, locale.ZhHans, locale.ZhHant, locale.En} {
		n := string(rune('1' + i))
		out = append(out, Person{ID: "resident-" + n, Text: "resident", N: i + 1, Lang: lang, Email: "demo." + n + "@one-account.example"})
	}
	out[4].Email, out[5].Unverified = "", true
	return out
}

// find gives the person with an id who may sign in at a client.
func find(id, client string) (Person, bool) {
	i := slices.IndexFunc(People, func(p Person) bool { return p.ID == id && clientOf(p) == client })
	if i < 0 {
		return Person{}, false
	}
	return People[i], true
}

// The two clients: the door for residents and the one for staff.
const (
	clientCitizens = "vez-citizens"
	clientStaff    = "vez-staff"
)

func clientOf(p Person) string {
	if p.Staff() {
		return clientStaff
	}
	return clientCitizens
}
