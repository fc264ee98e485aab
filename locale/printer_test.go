package locale

import (
	"testing"
	"time"
)

var macao = time.FixedZone("UTC+8", 8*3600)

func TestDatesAndTimesAreWrittenAsEachLanguageDoes(t *testing.T) {
	b := load(t)
	at := time.Date(2026, 11, 24, 9, 30, 0, 0, macao)
	for _, c := range []struct{ lang, date, dateTime, day, clock, month, short string }{
		{ZhHant, "2026年11月24日", "2026年11月24日（星期二）上午9時30分", "11月24日（星期二）", "上午9時30分", "2026年11月", "二"},
		{ZhHans, "2026年11月24日", "2026年11月24日（星期二）上午9时30分", "11月24日（星期二）", "上午9时30分", "2026年11月", "二"},
		{Pt, "24 de Novembro de 2026", "terça-feira, 24 de Novembro de 2026, às 9h30", "terça-feira, 24 de Novembro", "9h30", "Novembro de 2026", "3.ª"},
		{En, "24 November 2026", "Tuesday, 24 November 2026, 9:30 am", "Tuesday 24 November", "9:30 am", "November 2026", "Tue"},
	} {
		p := b.In(c.lang)
		got := []string{p.Date(at), p.DateTime(at), p.Day(at), p.Time(at), p.Month(at), p.WeekdayShort(at)}
		for i, want := range []string{c.date, c.dateTime, c.day, c.clock, c.month, c.short} {
			if got[i] != want {
				t.Errorf("%s: %q, want %q", c.lang, got[i], want)
			}
		}
	}
}

func TestHoursRoundNoonAndMidnightAreNamedRightly(t *testing.T) {
	b := load(t)
	for _, c := range []struct {
		hour, minute       int
		hant, hans, pt, en string
	}{
		{0, 5, "凌晨0時5分", "凌晨0时5分", "0h05", "12:05 am"},
		{9, 0, "上午9時", "上午9时", "9h00", "9:00 am"},
		{12, 0, "中午12時", "中午12时", "12h00", "12:00 pm"},
		{12, 30, "中午12時30分", "中午12时30分", "12h30", "12:30 pm"},
		{13, 0, "下午1時", "下午1时", "13h00", "1:00 pm"},
		{17, 45, "下午5時45分", "下午5时45分", "17h45", "5:45 pm"},
	} {
		at := time.Date(2026, 11, 24, c.hour, c.minute, 0, 0, macao)
		for lang, want := range map[string]string{ZhHant: c.hant, ZhHans: c.hans, Pt: c.pt, En: c.en} {
			if got := b.In(lang).Time(at); got != want {
				t.Errorf("%s: %q, want %q", lang, got, want)
			}
		}
	}
}

func TestNearDaysAreSaidAsTodayAndTomorrow(t *testing.T) {
	p := load(t).In(En)
	now := time.Date(2026, 12, 31, 23, 50, 0, 0, macao)
	for ahead, want := range []string{"Today", "Tomorrow", "Saturday 2 January"} {
		if got := p.Near(now.AddDate(0, 0, ahead).UTC(), now); got != want {
			t.Errorf("%d days ahead: %q, want %q", ahead, got, want)
		}
	}
}

func TestDurationsCountHoursAndMinutes(t *testing.T) {
	b := load(t)
	for _, c := range []struct {
		d        time.Duration
		hant, pt string
	}{
		{time.Second, "1分鐘", "1 minuto"},
		{0, "0分鐘", "0 minutos"},
		{-time.Hour, "0分鐘", "0 minutos"},
		{time.Hour, "1小時", "1 hora"},
		{80 * time.Minute, "1小時20分鐘", "1 hora 20 minutos"},
	} {
		if got := b.In(ZhHant).Duration(c.d); got != c.hant {
			t.Errorf("%v: %q, want %q", c.d, got, c.hant)
		}
		if got := b.In(Pt).Duration(c.d); got != c.pt {
			t.Errorf("%v: %q, want %q", c.d, got, c.pt)
		}
	}
}

func TestNumbersAreGroupedAsEachLanguageDoes(t *testing.T) {
	b := load(t)
	for _, c := range []struct{ lang, thousand, more, decimal, percent, list string }{
		{En, "1,234", "-1,234,567", "1,234.5", "87%", "A, B and C"},
		{Pt, "1234", "-1\u00a0234\u00a0567", "1234,5", "87\u00a0%", "A, B e C"},
		{ZhHant, "1,234", "-1,234,567", "1,234.5", "87%", "A、B及C"},
		{ZhHans, "1,234", "-1,234,567", "1,234.5", "87%", "A、B和C"},
	} {
		p := b.In(c.lang)
		got := []string{p.Number(1234), p.Number(-1234567), p.Decimal(1234.5, 1), p.Percent(.874), p.List([]string{"A", "B", "C"})}
		for i, want := range []string{c.thousand, c.more, c.decimal, c.percent, c.list} {
			if got[i] != want {
				t.Errorf("%s: %q, want %q", c.lang, got[i], want)
			}
		}
	}
}

func TestPluralsFollowEuropeanPortuguese(t *testing.T) {
	b := load(t)
	for _, c := range []struct {
		lang string
		n    int
		want string
	}{
		{Pt, 0, "0 minutos"}, {Pt, 1, "1 minuto"}, {Pt, 2, "2 minutos"}, {Pt, 1000000, "1\u00a0000\u00a0000 minutos"},
		{En, 0, "0 minutes"}, {En, 1, "1 minute"}, {ZhHans, 1, "1分钟"},
	} {
		if got := b.In(c.lang).T("frame.duration.minutes", "count", c.n); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.lang, c.n, got, c.want)
		}
	}
}

func TestATextWithOnePlaceholderIsCountedByIt(t *testing.T) {
	p := load(t).In(En)
	if got := p.T("fault.too_far_ahead.detail", "days", 1); got != "Bookings open 1 day ahead." {
		t.Error(got)
	}
}

func TestTimesInTextsTakeTheFormAskedFor(t *testing.T) {
	p := load(t).In(En)
	start := time.Date(2026, 11, 24, 9, 30, 0, 0, macao)
	got := p.T("fault.early.detail", map[string]any{"start": start, "from": start.Add(-time.Hour)})
	if want := "Your booking is for Tuesday, 24 November 2026, 9:30 am. You can check in from 8:30 am."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestWhatIsMissingIsVisible(t *testing.T) {
	p := load(t).In(Pt)
	if got := p.T("frame.no_such_key"); got != "⟦frame.no_such_key⟧" {
		t.Error(got)
	}
	if got := p.T("frame.step", "n", 1); got != "Passo 1 de ⟦of⟧" {
		t.Error(got)
	}
}

func TestATextWithoutPluralCountsToOne(t *testing.T) {
	for lang, want := range map[string]string{En: "1 min", Pt: "1 min", ZhHant: "1分鐘", ZhHans: "1分钟"} {
		if got := load(t).In(lang).T("counter.min", "count", 1); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}

func TestTheLanguageIsMatchedToWhatTheBrowserSays(t *testing.T) {
	for header, want := range map[string]string{
		"": ZhHant, "*": ZhHant, "fr": ZhHant, "not a header;;": ZhHant,
		"zh-MO": ZhHant, "zh-HK,zh;q=0.9": ZhHant, "zh-TW": ZhHant, "yue": ZhHant, "yue-Hant-HK": ZhHant,
		"zh-CN,zh;q=0.9,en;q=0.8": ZhHans, "zh": ZhHans, "zh-Hans-MO": ZhHans, "zh-SG": ZhHans,
		"pt-PT,pt;q=0.9": Pt, "pt-BR": Pt, "pt-MO": Pt,
		"en-GB": En, "en": En, "fr,en;q=0.5": En, "de, pt;q=0.8, en;q=0.9": En,
	} {
		if got := Match(header); got != want {
			t.Errorf("%q gives %s, want %s", header, got, want)
		}
	}
}

func TestANameIsPickedFromTheNearestLanguage(t *testing.T) {
	names := map[string]string{ZhHant: "市政署", En: "Municipal Affairs Bureau"}
	for lang, want := range map[string]string{ZhHant: "市政署", ZhHans: "市政署", Pt: "Municipal Affairs Bureau", En: "Municipal Affairs Bureau"} {
		if got := Pick(names, lang); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	if got := Pick(nil, En); got != "" {
		t.Error(got)
	}
}

func BenchmarkT(b *testing.B) {
	bundle, err := Load()
	if err != nil {
		b.Fatal(err)
	}
	p := bundle.In(Pt)
	for b.Loop() {
		p.T("frame.duration.minutes", "count", 12)
	}
}
