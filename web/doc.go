// Package web is the frame of every page: the Fiber app, its middleware, the
// mapping of faults to HTTP, templates, components, pictograms, assets, and the
// helper for live streams.
//
// Rooms bring their pages: they register templates with App.Pages and routes
// with App.Handle; each route declares its audience. Who the visitor is comes
// from Config.Auth, which the identity room fills.
//
// It imports fault and locale and no other room. README.md beside it is the
// guide for page builders; the tests are here and drive the app in memory, over
// loopback and, for the components, in a real browser.
package web
