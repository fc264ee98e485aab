package catalogue

import (
	"os"
	"reflect"
	"testing"
	"time"

	"vez/office"
)

// macao loads the catalogue that comes with the program.
func macao(t testing.TB) *office.Catalogue {
	t.Helper()
	c, mistakes := Load(os.DirFS("../../config/macao"))
	for _, m := range mistakes {
		t.Error(m)
	}
	if c == nil {
		t.Fatal("there is no catalogue")
	}
	return c
}

func TestTheMacaoCatalogueIsWholeAndWithoutMistakes(t *testing.T) {
	c := macao(t)
	for what, got := range map[string][2]int{
		"departments": {len(c.Departments), 29}, // the 28 and the Hengqin centre
		"offices":     {len(c.Offices), 56},
		"queues":      {len(c.Queues), 287},
		"services":    {len(c.Services), 1055},
	} {
		if got[0] != got[1] {
			t.Errorf("%d %s, want %d", got[0], what, got[1])
		}
	}
	atHengqin, ties := 0, 0
	for _, s := range c.Services {
		ties += len(s.Queues)
		if c.QueueFor(s.ID, "hengqin") != nil {
			atHengqin++
		}
	}
	if atHengqin < 7 {
		t.Errorf("%d services at Hengqin, want at least the 7 that began", atHengqin)
	}
	if ties != 2201 {
		t.Errorf("%d services in queues, want 2201", ties)
	}
	if !c.Sample {
		t.Error("the Macao catalogue must say that it is a sample")
	}
}

func TestCountersAreNumberedAndHelpTheirOwnDepartmentOnly(t *testing.T) {
	c := macao(t)
	if o := c.Office("mong-son"); len(o.Counters) != 57 || o.Host != "safp" {
		t.Errorf("mong-son: %d counters hosted by %s, want 57 and safp", len(o.Counters), o.Host)
	}
	for _, o := range c.Offices {
		for _, counter := range o.Counters {
			own := c.Queue(counter.Queues[0])
			for _, id := range counter.Queues {
				if q := c.Queue(id); q.Office != o.ID || q.Department != own.Department {
					t.Errorf("counter %s serves %s of %s", counter.ID, id, q.Department)
				}
			}
		}
		for _, d := range o.Departments {
			if !lowDesk(c, o, d) {
				t.Errorf("%s has no low desk for %s", o.ID, d)
			}
		}
	}
	if got := c.Counter("dsi-main-11"); got == nil || got.Queues[0] != "dsi-main-travel" || len(got.Queues) != 7 {
		t.Errorf("dsi-main-11 is %+v, want the first of the travel documents, helping all seven queues", got)
	}
}

func lowDesk(c *office.Catalogue, o *office.Office, department string) bool {
	for _, counter := range o.Counters {
		if c.Queue(counter.Queues[0]).Department != department {
			continue
		}
		for _, n := range counter.Offers {
			if n == office.NeedLowDesk {
				return true
			}
		}
	}
	return false
}

func TestTheNearestRuleWins(t *testing.T) {
	c := macao(t)
	service := func(id string) office.ServiceRules { return c.Service(id).Rules }
	queue := func(id string) office.Rules { return c.Queue(id).Rules }
	for what, ok := range map[string]bool{
		"catalogue: horizon of 30 days":             service("ih-social-housing-application").HorizonDays == 30,
		"department: horizon of DSI":                service("dsi-bir-renewal").HorizonDays == 180,
		"department: Hengqin in working days":       service("hq-notary").HorizonWorkingDays == 5 && service("hq-notary").HorizonDays == 0 && service("hq-notary").LeadDays == 1,
		"service: deeds only on their date":         service("dsaj-deed-sale").SetDate && service("dsaj-deed-sale").CutoffWorkingDays == 2 && service("dsaj-deed-sale").LateRefused == 15*time.Minute,
		"service: nothing of a deed elsewhere":      !service("dsaj-will").SetDate && service("dsaj-will").LateRefused == 0,
		"service: collection needs no booking":      !service("dsi-document-collection").Bookable,
		"department: no-shows never count at IAS":   service("ias-regular-aid").NoShowLimit == 0,
		"department: one reminder from CPSP":        len(service("cpsp-residence-renewal").Remind) == 1,
		"department: same-day tickets of DSI at 7":  queue("dsi-main-card").SameDayAt == 7*time.Hour,
		"queue: deeds by booking only":              !queue("dsaj-notary2-deed").WalkIn,
		"queue: filing order of the registry":       queue("dsaj-property-filing").FilingOrder && queue("dsaj-property-filing").LastFiling == time.Hour,
		"office: places kept in health centres":     queue("ssm-lago-card").GuaranteedShare == 0.2 && queue("ssm-main-card").GuaranteedShare == 0.1,
		"department: places kept by IAS":            queue("mong-son-elderly").GuaranteedShare == 0.3,
		"queue: no same-day places for choosing":    queue("ih-main-economic").SameDayShare == 0,
		"queue: labour rights open in the evening":  c.Queue("dsal-main-rights").Hours[time.Friday][1].To == 19*time.Hour+30*time.Minute,
		"season: tax returns in March, horizon":     c.Service("dsf-prof-tax-return").RulesAt("dsf-main-salaries", "2027-03-10").HorizonDays == 7,
		"season: tax returns in April, horizon":     c.Service("dsf-prof-tax-return").RulesAt("dsf-main-salaries", "2027-04-10").HorizonDays == 14,
		"season: half as many tickets more":         c.Queue("dsf-main-salaries").RulesOn("2027-03-10").WalkInLimit == 330,
		"season: nobody books at FP in January":     !c.Service("fp-retirement-pension").RulesAt("fp-main-retirement", "2027-01-10").Bookable,
		"season: twice the tickets at FP":           c.Queue("mong-son-pension").RulesOn("2027-01-10").WalkInLimit == 80,
		"the three offices of DSI share 200 a day":  queue("dsi-main-card").WalkInLimit+queue("dsi-main-travel").WalkInLimit+queue("mong-son-id-doc").WalkInLimit+queue("islands-id-doc").WalkInLimit == 200,
		"a Macao holiday":                           c.Holidays["macao"]["2026-12-21"].Kind == "compensatory",
		"no Macao holiday at Hengqin":               c.Holidays["hengqin"]["2026-12-21"].Kind == "",
		"documents are named in all languages":      c.Service("dsi-bir-first-issue").Documents[0].PT == "Bilhete de Identidade de Residente",
		"Lunar New Year of 2027 is on the sixth":    c.Holidays["macao"]["2027-02-06"].Name.PT == "Novo Ano Lunar",
		"zone of the far notary":                    c.Queue("mong-son-not-deed").Zone == "G",
		"prefixes that sound alike in other zones":  c.Queue("mong-son-account").Zone != c.Queue("mong-son-voters").Zone,
		"the first category is identity":            c.Categories[0].ID == "identity",
		"services take the department's category":   c.Service("dsi-bir-renewal").Category == "identity",
		"the clock of Hengqin is that of Shanghai":  c.Office("hengqin").Location().String() == "Asia/Shanghai",
		"counters of zones follow the printed plan": c.Counter("mong-son-57").Zone == "K",
	} {
		if !ok {
			t.Error(what)
		}
	}
}

func TestTheWrittenDefaultsAreTheProgramsDefaults(t *testing.T) {
	s := &source{name: rootName}
	r := s.root(s.object(read(os.DirFS("../../config/macao"), s), 1, rootName))
	if got, want := r.rules.onQueue(office.Rules{}), office.DefaultRules(); got != want {
		t.Errorf("rules of queues:\n got %+v\nwant %+v", got, want)
	}
	got, want := r.rules.onBooking(office.ServiceRules{}), office.DefaultServiceRules()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("rules of booking:\n got %+v\nwant %+v", got, want)
	}
	if n := len(r.rules.queue) + len(r.rules.booking); n != len(rules) {
		t.Errorf("catalogue.yaml sets %d rules of %d", n, len(rules))
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		macao(b)
	}
}
