package api

import (
	"context"
	"time"

	"vez/fault"
	"vez/identity"
)

type heartbeatIn struct {
	Body struct {
		Version string `json:"version,omitempty" maxLength:"100"`
		Painted int64  `json:"painted,omitempty" minimum:"0" doc:"The sequence number of the last event that was shown."`
		Paper   string `json:"paper,omitempty" enum:"ok,low,out" doc:"Of the kiosk's printer."`
		Problem string `json:"problem,omitempty" maxLength:"100" doc:"A code."`
	}
}

type tokenIn struct {
	Body struct {
		Role    string `json:"role,omitempty" maxLength:"20" enum:"citizen,clerk,greeter,manager,admin,device,auditor" doc:"Default: citizen."`
		Subject string `json:"subject,omitempty" maxLength:"200" doc:"Any name; the same name is the same person. Default: somebody new."`
		Office  string `json:"office,omitempty" maxLength:"100" doc:"Where the role is held; default: everywhere."`
		Kind    string `json:"kind,omitempty" enum:"kiosk,board,printer" doc:"Of a device; default: kiosk."`
	}
}

// Token is a bearer token of the demonstration.
type Token struct {
	Token   string    `json:"token" doc:"Send it as Authorization: Bearer …"`
	Expires time.Time `json:"expires"`
}

func devices(a *API) {
	add(a, operation{id: "heartbeat", method: "POST", path: "/devices/heartbeat", tag: "devices",
		description: "Of a kiosk with its own token. A board tells how it is through its page, and printers are asked by the hub.", audience: Audience{Roles: []role{device}, Where: anywhere}, status: 204}, a.heartbeat)
}

func (a *API) heartbeat(ctx context.Context, c *call, r *heartbeatIn) (*struct{}, error) {
	b := r.Body
	return nil, a.Identity.Heartbeat(ctx, c.who, identity.Beat{Version: b.Version, Painted: b.Painted, Paper: b.Paper, Problem: b.Problem})
}

func demo(a *API) {
	add(a, operation{id: "demo-token", method: "POST", path: "/demo/token", tag: "demo",
		description: "Only in the demonstration.", audience: public, status: 201}, a.token)
}

func (a *API) token(ctx context.Context, _ *call, r *tokenIn) (*out[Token], error) {
	b := r.Body
	if b.Office != "" && b.Office != identity.Any && a.cat.Office(b.Office) == nil {
		return nil, fault.New(fault.UnknownThing, "what", b.Office)
	}
	if b.Role == "" {
		b.Role = string(citizen)
	}
	token, expires, err := a.Identity.DemoToken(ctx, identity.TokenRequest{Role: role(b.Role), Subject: b.Subject, Office: b.Office, Kind: b.Kind})
	return &out[Token]{Token{token, expires}}, err
}
