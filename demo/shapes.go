package demo

import "time"

// The shapes below are what the public reads of the API's; it ignores the rest.

type list[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

type hours struct {
	Weekday int    `json:"weekday"`
	From    string `json:"from"` // "09:00"
	To      string `json:"to"`
}

type queueShape struct {
	ID          string   `json:"id"`
	Department  string   `json:"department"`
	Services    []string `json:"services"`
	WalkIn      bool     `json:"walk_in"`
	WalkInLimit int      `json:"walk_in_limit"`
	Remote      bool     `json:"remote"`
	FilingOrder bool     `json:"filing_order"`
}

type counterShape struct {
	ID     string   `json:"id"`
	Label  string   `json:"label"`
	Zone   string   `json:"zone"`
	Queues []string `json:"queues"`
	Offers []string `json:"offers"`
}

type zoneShape struct {
	ID  string `json:"id"`
	Far bool   `json:"far"`
}

type officeShape struct {
	ID        string         `json:"id"`
	TimeZone  string         `json:"time_zone"`
	Languages []string       `json:"languages"`
	Hours     []hours        `json:"hours"`
	Zones     []zoneShape    `json:"zones"`
	Queues    []queueShape   `json:"queues"`
	Counters  []counterShape `json:"counters"`
}

type serviceShape struct {
	ID      string    `json:"id"`
	Minutes int       `json:"minutes"`
	Booking *struct{} `json:"booking"`
}

// queueNow is a queue as it is now.
type queueNow struct {
	ID      string    `json:"id"`
	Status  string    `json:"status"`
	Until   time.Time `json:"until"`
	Waiting int       `json:"waiting"`
}

type slotShape struct {
	Start time.Time `json:"start"`
	Free  int       `json:"free"`
}

type bookingShape struct {
	ID    string    `json:"id"`
	Code  string    `json:"code"`
	Start time.Time `json:"start"`
}

type ticketShape struct {
	ID       string    `json:"id"`
	Number   string    `json:"number"`
	State    string    `json:"state"`
	Queue    string    `json:"queue"`
	Service  string    `json:"service"`
	Counter  string    `json:"counter"`
	Code     string    `json:"code"`
	Recalls  int       `json:"recalls"`
	CalledAt time.Time `json:"called_at"`
	Serving  time.Time `json:"serving_at"`
}

// entry is a ticket in a line.
type entry struct {
	Ticket   string    `json:"ticket"`
	Needs    []string  `json:"needs"`
	Arrival  time.Time `json:"arrival"`
	Callable time.Time `json:"callable"`
}

type deskShape struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Shift struct {
		Mine   bool      `json:"mine"`
		BackAt time.Time `json:"back_at"`
	} `json:"shift"`
	Ticket *ticketShape `json:"ticket"`
}
