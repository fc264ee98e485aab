package catalogue

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"vez/office"
)

// The small languages of values. Their errors say what is expected.

func yesNo(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "yes", "true":
		return true, nil
	case "no", "false":
		return false, nil
	}
	return false, errors.New("write yes or no")
}

func count(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 100_000 {
		return 0, errors.New("write a whole number, 0 or more")
	}
	return n, nil
}

// percent reads "60%" as 0.6.
func percent(s string) (float64, error) {
	n, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
	if err != nil || !strings.HasSuffix(s, "%") || n != n || n < 0 || n > 100 {
		return 0, errors.New("write a share from 0% to 100%")
	}
	return n / 100, nil
}

var amount = regexp.MustCompile(`^(\d{1,6}) ?(s|min|h|days?)(?: (.+))?$`)

var units = map[string]time.Duration{"s": time.Second, "min": time.Minute, "h": time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour}

// longest is the most that a duration may say.
const longest = 400 * 24 * time.Hour

var errTooLong = errors.New("write at most 400 days")

// duration reads "90 min", "2 h", "1 h 30 min", "60 s" or "none".
func duration(s string) (time.Duration, error) {
	if s == "none" {
		return 0, nil
	}
	var sum time.Duration
	for rest := s; rest != ""; {
		m := amount.FindStringSubmatch(rest)
		if m == nil {
			return 0, errors.New("write a time such as 10 min, 2 h, 60 s or none")
		}
		n, _ := strconv.Atoi(m[1])
		if time.Duration(n) > longest/units[m[2]] || sum > longest { // asked before it is more than a duration can hold
			return 0, errTooLong
		}
		sum, rest = sum+time.Duration(n)*units[m[2]], m[3]
	}
	if sum > longest {
		return 0, errTooLong
	}
	return sum, nil
}

// durations reads "24 h, 2 h" or "none", largest first or not.
func durations(s string) ([]time.Duration, error) {
	var out []time.Duration
	if s == "none" {
		return out, nil
	}
	for _, part := range strings.Split(s, ",") {
		d, err := duration(strings.TrimSpace(part))
		if err != nil || d == 0 {
			return nil, errors.New("write times such as 24 h, 2 h, or none")
		}
		out = append(out, d)
	}
	return out, nil
}

// ahead is a distance in time or in days of an office.
type ahead struct {
	time time.Duration
	work int // working days
}

var workingDays = regexp.MustCompile(`^(\d{1,3}) working days?$`)

// distanceAhead reads "2 working days", or a duration.
func distanceAhead(s string) (ahead, error) {
	if m := workingDays.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1])
		return ahead{work: n}, nil
	}
	d, err := duration(s)
	if err != nil {
		return ahead{}, errors.New("write a time such as 2 h, 30 days, 2 working days or none")
	}
	return ahead{time: d}, nil
}

// horizon reads "30 days" or "5 working days".
func horizon(s string) (ahead, error) {
	a, err := distanceAhead(s)
	if err != nil || a.work == 0 && (a.time == 0 || a.time%(24*time.Hour) != 0) {
		return ahead{}, errors.New("write days such as 30 days or 5 working days")
	}
	return a, nil
}

var clockForm = regexp.MustCompile(`^([01]\d|2[0-4]):([0-5]\d)$`)

// clock reads "07:30" as the time after midnight, up to "24:00".
func clock(s string) (time.Duration, error) {
	m := clockForm.FindStringSubmatch(s)
	if m == nil || s > "24:00" {
		return 0, errors.New("write a time of the day such as 07:30")
	}
	h, _ := strconv.Atoi(m[1])
	minutes, _ := strconv.Atoi(m[2])
	return time.Duration(h)*time.Hour + time.Duration(minutes)*time.Minute, nil
}

// opening reads "09:00-13:00".
func opening(s string) (office.Span, error) {
	from, to, ok := strings.Cut(s, "-")
	a, errFrom := clock(strings.TrimSpace(from))
	b, errTo := clock(strings.TrimSpace(to))
	if !ok || errFrom != nil || errTo != nil {
		return office.Span{}, errors.New("write an opening such as 09:00-13:00")
	}
	if b <= a {
		return office.Span{}, errors.New("let the opening end after it begins; what runs past midnight belongs to the next day")
	}
	return office.Span{From: a, To: b}, nil
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// daysOf reads "mon", "mon-fri" or "fri-mon" as weekdays.
func daysOf(s string) ([]time.Weekday, error) {
	from, to, isRange := strings.Cut(s, "-")
	if !isRange {
		to = from
	}
	a, b := -1, -1
	for i, name := range weekdays {
		if name == from {
			a = i
		}
		if name == to {
			b = i
		}
	}
	if a < 0 || b < 0 {
		return nil, errors.New("name days as mon, tue … sun, or mon-fri")
	}
	out := []time.Weekday{time.Weekday(a)}
	for i := a; i != b; {
		i = (i + 1) % 7
		out = append(out, time.Weekday(i))
	}
	return out, nil
}

var monthDay = regexp.MustCompile(`^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`)

// dayOfYear reads "03-01".
func dayOfYear(s string) (string, error) {
	if !monthDay.MatchString(s) {
		return "", errors.New("write month and day such as 03-01")
	}
	if _, err := time.Parse(time.DateOnly, "2028-"+s); err != nil {
		return "", errors.New("write a day that the month has")
	}
	return s, nil
}

// numbers reads "1-9" or "12" as counters' numbers.
func numbers(s string, most int) ([]int, error) {
	from, to, isRange := strings.Cut(s, "-")
	if !isRange {
		to = from
	}
	a, errFrom := strconv.Atoi(strings.TrimSpace(from))
	b, errTo := strconv.Atoi(strings.TrimSpace(to))
	if errFrom != nil || errTo != nil || a < 1 || b < a {
		return nil, errors.New("write numbers of counters such as 3 or 1-9")
	}
	if b > most {
		return nil, fmt.Errorf("use numbers up to %d, the counters of the office", most)
	}
	out := make([]int, 0, b-a+1)
	for i := a; i <= b; i++ {
		out = append(out, i)
	}
	return out, nil
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

const idRemedy = "use small letters, digits and single hyphens, at most 60"

func goodID(s string) bool { return len(s) <= 60 && idForm.MatchString(s) }
