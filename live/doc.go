// Package live pushes what happens in a hall to browsers: it keeps a snapshot of
// every office's live state in memory, makes the views that pages read from it,
// and streams a snapshot, then changes, over server-sent events.
//
// The snapshot is fed three ways, each enough by itself and all idempotent by
// sequence number: the events this hub has committed, the office's stream in
// Redis (what other hubs have committed), and once a second a comparison with
// the ledger's heads. So a board is right within two seconds whatever fails.
//
// Views carry no secrets and no holders; what a view for the public may say is
// decided here, not in the pages. Package live may import words (ticket,
// booking, office, counter, event, fault); it declares the interfaces of the
// ledger and of the stream that it needs. Tests stand beside the code.
package live
