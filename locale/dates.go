package locale

import (
	"fmt"
	"strconv"
	"time"
)

// Every function here writes a time in the zone it carries: callers convert to
// the office's zone first.

// format is how a language writes dates; the functions take a time in its zone.
type format struct {
	weekdays [7]string // from Sunday
	short    [7]string
	months   [12]string
	date     func(f *format, t time.Time) string // with the year
	day      func(f *format, t time.Time) string // without the year, with the weekday
	clock    func(t time.Time) string            // hours and minutes, spoken
	join     func(date, clock string, t time.Time) string
	weekday  func(weekday, date string) string
	group    string // between thousands
	groupMin int    // digits from which thousands are separated
	decimal  string
	comma    string // between the members of a list
	and      string // before its last member
	to       string // between the ends of a span of time
}

var formats = map[string]*format{
	ZhHant: {
		weekdays: [7]string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"},
		short:    [7]string{"日", "一", "二", "三", "四", "五", "六"},
		date:     chineseDate, day: chineseDay, clock: chineseClock("時"), join: chineseJoin, weekday: chineseWeekday,
		group: ",", groupMin: 4, decimal: ".", comma: "、", and: "及", to: "至",
	},
	ZhHans: {
		weekdays: [7]string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"},
		short:    [7]string{"日", "一", "二", "三", "四", "五", "六"},
		date:     chineseDate, day: chineseDay, clock: chineseClock("时"), join: chineseJoin, weekday: chineseWeekday,
		group: ",", groupMin: 4, decimal: ".", comma: "、", and: "和", to: "至",
	},
	Pt: {
		weekdays: [7]string{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"},
		short:    [7]string{"dom.", "2.ª", "3.ª", "4.ª", "5.ª", "6.ª", "sáb."},
		months: [12]string{"Janeiro", "Fevereiro", "Março", "Abril", "Maio", "Junho", "Julho", "Agosto", "Setembro",
			"Outubro", "Novembro", "Dezembro"},
		date: portugueseDate, day: portugueseDay, clock: portugueseClock, join: portugueseJoin, weekday: commaWeekday,
		group: "\u00a0", groupMin: 5, decimal: ",", comma: ", ", and: " e ", to: " às ",
	},
	En: {
		weekdays: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		short:    [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
		months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September",
			"October", "November", "December"},
		date: englishDate, day: englishDay, clock: englishClock, join: englishJoin, weekday: commaWeekday,
		group: ",", groupMin: 4, decimal: ".", comma: ", ", and: " and ", to: " to ",
	},
}

// Date writes a day with its year: 2026年11月24日, 24 de Novembro de 2026, 24 November 2026.
func (p Printer) Date(t time.Time) string { return p.c.format.date(p.c.format, t) }

// DateLong writes Date with the weekday: 2026年11月24日（星期二）, Tuesday, 24 November 2026.
func (p Printer) DateLong(t time.Time) string {
	return p.c.format.weekday(p.Weekday(t), p.Date(t))
}

// Day writes a day near enough to need no year, with the weekday:
// 11月24日（星期二）, terça-feira, 24 de Novembro, Tuesday 24 November.
func (p Printer) Day(t time.Time) string { return p.c.format.day(p.c.format, t) }

// DateNumeric writes a day for columns and paper: 2026-11-24 in Chinese, 24/11/2026 elsewhere.
func (p Printer) DateNumeric(t time.Time) string {
	if p.c.lang == ZhHant || p.c.lang == ZhHans {
		return t.Format("2006-01-02")
	}
	return t.Format("02/01/2006")
}

// Month writes month and year, as over a calendar: 2026年11月, Novembro de 2026, November 2026.
func (p Printer) Month(t time.Time) string {
	switch p.c.lang {
	case Pt:
		return p.c.format.months[t.Month()-1] + " de " + strconv.Itoa(t.Year())
	case En:
		return p.c.format.months[t.Month()-1] + " " + strconv.Itoa(t.Year())
	}
	return fmt.Sprintf("%d年%d月", t.Year(), int(t.Month()))
}

// Weekday writes the day of the week: 星期二, terça-feira, Tuesday.
func (p Printer) Weekday(t time.Time) string { return p.c.format.weekdays[t.Weekday()] }

// WeekdayShort writes it for the head of a calendar: 二, 3.ª, Tue.
func (p Printer) WeekdayShort(t time.Time) string { return p.c.format.short[t.Weekday()] }

// WeekdayOf is Weekday for a day of the week without a date.
func (p Printer) WeekdayOf(d time.Weekday) string { return p.c.format.weekdays[d%7] }

// Time writes hours and minutes as they are said: 上午9時30分, 9h30, 9:30 am.
func (p Printer) Time(t time.Time) string { return p.c.format.clock(t) }

// Clock writes hours and minutes in figures, the same in every language: 09:30.
func (p Printer) Clock(t time.Time) string { return t.Format("15:04") }

// DateTime writes weekday, date and time:
// 2026年11月24日（星期二）上午9時30分, Tuesday, 24 November 2026, 9:30 am.
func (p Printer) DateTime(t time.Time) string {
	return p.c.format.join(p.DateLong(t), p.Time(t), t)
}

// DayTime writes Day and Time: 11月24日（星期二）上午9時30分, Tuesday 24 November, 9:30 am.
func (p Printer) DayTime(t time.Time) string { return p.c.format.join(p.Day(t), p.Time(t), t) }

// Span writes from one time of a day to another: 09:30 至 10:15, 09:30 às 10:15, 09:30 to 10:15.
func (p Printer) Span(from, to time.Time) string {
	between := p.c.format.to
	if between == "至" {
		between = " 至 "
	}
	return p.Clock(from) + between + p.Clock(to)
}

// Near writes a day as people say it on the day now: today, tomorrow, or Day.
// Both times are taken in the zone of now.
func (p Printer) Near(t, now time.Time) string {
	t = t.In(now.Location())
	y, m, d := now.Date()
	for ahead, key := range []string{"frame.day.today", "frame.day.tomorrow"} {
		ay, am, ad := time.Date(y, m, d+ahead, 12, 0, 0, 0, now.Location()).Date()
		if ty, tm, td := t.Date(); ty == ay && tm == am && td == ad {
			return p.T(key)
		}
	}
	return p.Day(t)
}

// Duration writes whole minutes, with hours from 60: 1 hour 20 minutes.
// Less than a minute is written as one; a negative span as none.
func (p Printer) Duration(d time.Duration) string {
	minutes := int((d + time.Minute - 1) / time.Minute)
	if minutes < 0 {
		minutes = 0
	}
	hours, rest := minutes/60, minutes%60
	switch {
	case hours == 0:
		return p.T("frame.duration.minutes", "count", rest)
	case rest == 0:
		return p.T("frame.duration.hours", "count", hours)
	}
	between := " "
	if p.c.lang == ZhHant || p.c.lang == ZhHans {
		between = ""
	}
	return p.T("frame.duration.hours", "count", hours) + between + p.T("frame.duration.minutes", "count", rest)
}

func chineseDate(_ *format, t time.Time) string {
	return fmt.Sprintf("%d年%d月%d日", t.Year(), int(t.Month()), t.Day())
}

func chineseDay(f *format, t time.Time) string {
	return fmt.Sprintf("%d月%d日（%s）", int(t.Month()), t.Day(), f.weekdays[t.Weekday()])
}

func chineseWeekday(weekday, date string) string { return date + "（" + weekday + "）" }

func chineseJoin(date, clock string, _ time.Time) string { return date + clock }

// chineseClock writes the part of the day and the hour; noon is 中午12時, and the
// hours before six are 凌晨, as notices in Macao and on the Mainland have it.
func chineseClock(hour string) func(time.Time) string {
	return func(t time.Time) string {
		part, h := "上午", t.Hour()
		switch {
		case h < 6:
			part = "凌晨"
		case h == 12:
			part = "中午"
		case h > 12:
			part, h = "下午", h-12
		}
		if t.Minute() == 0 {
			return fmt.Sprintf("%s%d%s", part, h, hour)
		}
		return fmt.Sprintf("%s%d%s%d分", part, h, hour, t.Minute())
	}
}

func portugueseDate(f *format, t time.Time) string {
	return fmt.Sprintf("%d de %s de %d", t.Day(), f.months[t.Month()-1], t.Year())
}

func portugueseDay(f *format, t time.Time) string {
	return fmt.Sprintf("%s, %d de %s", f.weekdays[t.Weekday()], t.Day(), f.months[t.Month()-1])
}

func portugueseClock(t time.Time) string { return fmt.Sprintf("%dh%02d", t.Hour(), t.Minute()) }

func portugueseJoin(date, clock string, t time.Time) string {
	if t.Hour() == 1 || t.Hour() == 0 {
		return date + ", à " + clock
	}
	return date + ", às " + clock
}

func englishDate(f *format, t time.Time) string {
	return fmt.Sprintf("%d %s %d", t.Day(), f.months[t.Month()-1], t.Year())
}

func englishDay(f *format, t time.Time) string {
	return fmt.Sprintf("%s %d %s", f.weekdays[t.Weekday()], t.Day(), f.months[t.Month()-1])
}

func englishClock(t time.Time) string {
	h := t.Hour() % 12
	if h == 0 {
		h = 12
	}
	half := "am"
	if t.Hour() >= 12 {
		half = "pm"
	}
	return fmt.Sprintf("%d:%02d %s", h, t.Minute(), half)
}

func englishJoin(date, clock string, _ time.Time) string { return date + ", " + clock }

func commaWeekday(weekday, date string) string { return weekday + ", " + date }
