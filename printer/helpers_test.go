package printer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"vez/printer"
	"vez/printer/font"
	"vez/printer/layout"
)

// labels is a small table of words for tests, read from testdata/labels.yaml.
type labels map[string]map[string]any

func (l labels) T(lang, key string, args ...any) string {
	var at any = l[lang]
	for _, part := range strings.Split(strings.TrimPrefix(key, "paper."), ".") {
		m, _ := at.(map[string]any)
		at = m[part]
	}
	if forms, ok := at.(map[string]any); ok {
		at = forms["other"]
	}
	text, ok := at.(string)
	if !ok {
		panic(fmt.Sprintf("no label %s in %s", key, lang))
	}
	for i := 0; i+1 < len(args); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%v}", args[i]), fmt.Sprint(args[i+1]))
	}
	return text
}

func (labels) DateLong(lang string, t time.Time) string {
	day := int(t.Weekday())
	switch lang {
	case "zh-Hant", "zh-Hans":
		return t.Format("2006年1月2日") + "（星期" + string([]rune("日一二三四五六")[day]) + "）"
	case "pt":
		week := []string{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"}
		month := []string{"Janeiro", "Fevereiro", "Março", "Abril", "Maio", "Junho", "Julho", "Agosto", "Setembro", "Outubro",
			"Novembro", "Dezembro"}
		return fmt.Sprintf("%s, %d de %s de %d", week[day], t.Day(), month[t.Month()-1], t.Year())
	}
	return t.Format("Monday, 2 January 2006")
}

func readLabels(t testing.TB) labels {
	t.Helper()
	text, err := os.ReadFile("testdata/labels.yaml")
	if err != nil {
		t.Fatal(err)
	}
	l := labels{}
	if err := yaml.Unmarshal(text, &l); err != nil {
		t.Fatal(err)
	}
	return l
}

// press skips the test when there are no fonts, unless they are required.
func press(t testing.TB) *printer.Press {
	t.Helper()
	if _, err := os.Stat(filepath.Join("..", "fonts", "NotoSansHK-Regular.ttf")); err != nil {
		if os.Getenv("VEZ_REQUIRE_FONTS") != "" {
			t.Fatalf("fonts are required and missing: %v", err)
		}
		t.Skip("no fonts in fonts/: run `make fonts`")
	}
	return printer.NewPress(font.NewLibrary(filepath.Join("..", "fonts")), readLabels(t))
}

var macau = time.FixedZone("Asia/Macau", 8*3600)

func at(hour, minute int) time.Time { return time.Date(2026, 11, 24, hour, minute, 0, 0, macau) }

const liveLink = "HTTPS://FILA.EXAMPLE.MO/T/7Q2M4XKD9RTB6WZC3HVN8JFP5A"

func sampleTicket(langs ...string) printer.Ticket {
	return printer.Ticket{
		Languages: langs, Holder: holderOf(langs),
		Number: "AA047",
		Office: printer.Text{"zh-Hant": "慕拉士政府綜合服務中心", "zh-Hans": "慕拉士政府综合服务中心",
			"pt": "Centro de Serviços da RAEM (Edifício Mong Son)", "en": "Macao Government Services Centre (Edifício Mong Son)"},
		Zone: "A",
		Queue: printer.Text{"zh-Hant": "身份證及旅行證件", "zh-Hans": "身份证及旅行证件",
			"pt": "Bilhete de Identidade e documentos de viagem", "en": "Identity cards and travel documents"},
		Service: printer.Text{"zh-Hant": "居民身份證續期", "zh-Hans": "居民身份证续期",
			"pt": "Renovação do BIR", "en": "Renewal of resident identity card"},
		Ahead: 12, NotBefore: at(10, 30), From: at(10, 35), To: at(11, 5), ReturnWithin: 30 * time.Minute,
		Issued: at(9, 42), Link: liveLink,
		Bring: []printer.Text{
			{"zh-Hant": "居民身份證", "zh-Hans": "居民身份证", "pt": "Bilhete de Identidade de Residente", "en": "resident identity card"},
			{"zh-Hant": "近照一張", "zh-Hans": "近照一张", "pt": "fotografia recente", "en": "a recent photograph"},
		},
	}
}

// holderOf says that a third or only language is the holder's own.
func holderOf(langs []string) string {
	if len(langs) == 2 || len(langs) == 0 {
		return ""
	}
	return langs[len(langs)-1]
}

const bookingCode = "1B7K" + "0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRSTVWXYZ" + "012345678"

func sampleSlip(langs ...string) printer.Slip {
	tk := sampleTicket(langs...)
	return printer.Slip{
		Languages: langs, Reference: "K7QM2F9D", Code: bookingCode,
		Department: printer.Text{"zh-Hant": "身份證明局", "zh-Hans": "身份证明局", "pt": "Direcção dos Serviços de Identificação",
			"en": "Identification Services Bureau"},
		Office: tk.Office,
		Address: printer.Text{"zh-Hant": "澳門慕拉士大馬路望信樓地下", "zh-Hans": "澳门慕拉士大马路望信楼地下",
			"pt": "Avenida de Venceslau de Morais, Edifício Mong Son, r/c, Macau",
			"en": "Avenida de Venceslau de Morais, Edifício Mong Son, G/F, Macao"},
		Service: tk.Service, Bring: tk.Bring, Start: time.Date(2026, 12, 3, 10, 30, 0, 0, macau), End: time.Date(2026, 12, 3, 10, 45, 0, 0, macau),
		People: 2, ChangeUntil: time.Date(2026, 12, 3, 8, 30, 0, 0, macau), Link: "https://vez.example.mo/my/K7QM2F9D", Issued: at(9, 42),
	}
}

// ticketPage is the strip of a ticket on 80 mm paper.
func ticketPage(p *printer.Press, t printer.Ticket) (*layout.List, error) {
	doc, err := p.TicketOn(printer.Roll80, t)
	if err != nil {
		return nil, err
	}
	return doc.Pages[0], nil
}

func ticketPDF(p *printer.Press, t printer.Ticket) ([]byte, error) {
	doc, err := p.TicketOn(printer.Roll80, t)
	if err != nil {
		return nil, err
	}
	return doc.PDF()
}
