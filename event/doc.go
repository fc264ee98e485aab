// Package event says what happened in an office: kinds, after-images, the hash
// chain and the fold that turns events back into state.
//
// It is a room of words, imported by hall (which drafts events), ledger (which
// keeps them), queue and live (which project them). It may import ticket,
// booking, counter, office and fault. Tests stand beside the code.
package event
