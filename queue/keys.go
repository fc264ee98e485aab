package queue

import (
	"strconv"

	"vez/office"
)

// Key names. What belongs to the projection of an office begins with
// prefix(office); a rebuild writes the same suffixes under a temporary prefix.

// prefix of an office's keys; the braces are the hash tag of Redis Cluster.
func prefix(office string) string { return "vez:{" + office + "}:" }

// tempPrefix of a rebuild; nonce tells rebuilds apart.
func tempPrefix(office, nonce string) string { return prefix(office) + "tmp:" + nonce + ":" }

// Suffixes of the projection.
const (
	suffixHead    = "head"    // string "epoch:seq"
	suffixIndex   = "index"   // set of the suffixes in use, but for head and index
	suffixEvents  = "events"  // stream, id "seq-0"
	suffixPlace   = "place"   // hash: ticket id to where it is, see placeOf
	suffixServing = "serving" // hash: counter id to "ticket number state"
	suffixBooked  = "booked"  // hash: booking id to the cells it takes, see cellsOf
	suffixDay     = "day"     // string: the office's business day
)

// lineSuffix is a queue's line: a sorted set, score = due in ms, member = memberOf.
func lineSuffix(queue string) string { return "line:" + queue }

// cellsSuffix is a queue's occupancy on a date: a string, one byte a cell of 5 minutes.
func cellsSuffix(queue string, day office.Day) string { return "cells:" + queue + ":" + string(day) }

func headKey(office string) string                  { return prefix(office) + suffixHead }
func indexKey(office string) string                 { return prefix(office) + suffixIndex }
func eventsKey(office string) string                { return prefix(office) + suffixEvents }
func placeKey(office string) string                 { return prefix(office) + suffixPlace }
func servingKey(office string) string               { return prefix(office) + suffixServing }
func bookedKey(office string) string                { return prefix(office) + suffixBooked }
func dayKey(office string) string                   { return prefix(office) + suffixDay }
func lineKey(office, queue string) string           { return prefix(office) + lineSuffix(queue) }
func cellsKey(o, queue string, d office.Day) string { return prefix(o) + cellsSuffix(queue, d) }

// presenceKey is a sorted set outside the projection: score = last sign in ms, member = console or device.
func presenceKey(office string) string { return "vez:presence:{" + office + "}" }

// limitKey is a rate limit's own key.
func limitKey(key string) string { return "vez:limit:{" + key + "}" }

// entryID is the stream's id of an event.
func entryID(seq int64) string { return strconv.FormatInt(seq, 10) + "-0" }
