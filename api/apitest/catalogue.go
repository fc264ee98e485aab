package apitest

import (
	"fmt"
	"time"

	"vez/office"
)

// Catalogue is a small one with what the rules can differ in: the office "main"
// with a plain queue of many counters, one in filing order and one small one
// for bookings, and the office "across" under the other jurisdiction. All are
// open on weekdays from 9 to 18.
func Catalogue() *office.Catalogue {
	c := &office.Catalogue{Sample: true, Holidays: map[string]map[office.Day]office.Holiday{}}
	c.Departments = []*office.Department{
		{ID: "dsi", Acronym: "DSI", Category: "identity", Name: text("身份證明局", "身份证明局", "Direcção dos Serviços de Identificação", "Identification Services Bureau")},
		{ID: "hq", Acronym: "HQ", Category: "administration", Name: text("橫琴政務服務中心", "横琴政务服务中心", "Centro de Serviços de Hengqin", "Hengqin Services Centre")},
	}
	addOffice(c, "main", "macao", "Asia/Macau", "dsi", 80)
	addOffice(c, "across", "hengqin", "Asia/Shanghai", "hq", 2)
	addQueue(c, "main-card", "main", "A", 4, nil, "renew", "collect")
	addQueue(c, "main-deeds", "main", "B", 2, func(r *office.Rules) { r.FilingOrder = true }, "deed")
	addQueue(c, "main-small", "main", "C", 2, func(r *office.Rules) {
		r.SameDayShare, r.GuaranteedShare, r.BookedShare, r.WalkInLimit = 0, 0, 0.5, 3
	}, "quick")
	addQueue(c, "across-card", "across", "A", 2, nil, "permit")
	addService(c, "renew", "dsi", 15, text("居民身份證續期", "居民身份证续期", "Renovação do BIR", "Renewal of resident identity card"), "main-card")
	addService(c, "collect", "dsi", 5, text("領取證件", "领取证件", "Levantamento de documentos", "Document collection"), "main-card")
	addService(c, "deed", "dsi", 30, text("物業登記", "物业登记", "Registo predial", "Land registration"), "main-deeds")
	addService(c, "quick", "dsi", 30, text("親屬關係證明書", "亲属关系证明书", "Certificado de parentesco", "Kinship certificate"), "main-small")
	addService(c, "permit", "hq", 20, text("往來通行證", "往来通行证", "Salvo-conduto", "Travel permit"), "across-card")
	if err := c.Index(); err != nil {
		panic(err) // the ids stand above
	}
	return c
}

func text(hant, hans, pt, en string) office.Text {
	return office.Text{ZhHant: hant, ZhHans: hans, PT: pt, EN: en}
}

func addOffice(c *office.Catalogue, id, jurisdiction, zone, department string, counters int) {
	week := office.Week{}
	for d := time.Monday; d <= time.Friday; d++ {
		week[d] = []office.Span{{From: 9 * time.Hour, To: 18 * time.Hour}}
	}
	o := &office.Office{ID: id, Jurisdiction: jurisdiction, TimeZone: zone, Departments: []string{department}, Host: department, Hours: week,
		Languages: []string{"zh-Hant", "pt", "en", "zh-Hans"}, Name: text(id+" 辦事處", id+" 办事处", "Serviço "+id, "Office "+id),
		Address: text("大馬路1號", "大马路1号", "Avenida Grande, 1", "1 Grand Avenue")}
	if loc, err := time.LoadLocation(zone); err == nil {
		o.WithLocation(loc)
	}
	for i := 1; i <= counters; i++ {
		o.Counters = append(o.Counters, office.Counter{ID: fmt.Sprintf("%s-%d", id, i), Label: fmt.Sprint(i), Office: id, Queues: []string{id + "-card"}})
	}
	c.Offices = append(c.Offices, o)
}

func addQueue(c *office.Catalogue, id, officeID, prefix string, counters int, edit func(*office.Rules), services ...string) {
	r := office.DefaultRules()
	if edit != nil {
		edit(&r)
	}
	c.Queues = append(c.Queues, &office.Queue{ID: id, Office: officeID, Department: "dsi", Prefix: prefix, Counters: counters, Rules: r,
		Services: services, Name: text("隊 "+prefix, "队 "+prefix, "Fila "+prefix, "Queue "+prefix)})
}

func addService(c *office.Catalogue, id, department string, minutes int, name office.Text, queues ...string) {
	c.Services = append(c.Services, &office.Service{ID: id, Department: department, Category: "identity", Minutes: minutes, Queues: queues,
		Modes: []string{"counter"}, Rules: office.DefaultServiceRules(), Name: name})
}

// Chain is a catalogue of n offices, "branch0" on, that all offer the service
// "renew" for 120 days ahead.
func Chain(n int) *office.Catalogue {
	c := &office.Catalogue{Holidays: map[string]map[office.Day]office.Holiday{}}
	c.Departments = []*office.Department{{ID: "dsi", Acronym: "DSI", Category: "identity", Name: text("局", "局", "D", "D")}}
	var queues []string
	for i := range n {
		id := fmt.Sprintf("branch%d", i)
		addOffice(c, id, "macao", "Asia/Macau", "dsi", 4)
		addQueue(c, id+"-card", id, "A", 4, nil, "renew")
		queues = append(queues, id+"-card")
	}
	addService(c, "renew", "dsi", 15, text("續期", "续期", "Renovação", "Renewal"), queues...)
	c.Services[0].Rules.HorizonDays = 120
	if err := c.Index(); err != nil {
		panic(err) // the ids stand above
	}
	return c
}
