// Package api is the JSON interface: /api/v1, the OpenAPI document generated
// from its Go types at /api/openapi.json, and a page at /api to try it.
//
// It owns the shapes that programs count on, who may do what at which office,
// idempotency keys as they come in, paging, and the ETags of the catalogue. It
// decides nothing about tickets and bookings: every change goes through hall,
// every live figure comes from live, every name of a person from identity.
//
// It is a screen: it may import hall, may, words, outputs and the frame; neither
// SQL nor Redis nor another screen. Tests stand beside the code and run on the
// whole stack that apitest builds.
package api
