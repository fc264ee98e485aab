// Package locale owns every word a person reads: four catalogues, plural
// rules, and the way dates, times, numbers and lists are written in
// Traditional Chinese, Portuguese, English and Simplified Chinese.
//
// Catalogues stand in text/<language>/<room>.yaml. The file's name is the first
// part of each key: "title" in booking.yaml is "booking.title". Deeper maps
// join with dots; a map whose keys are plural categories ("one", "other") is
// one text with a plural, chosen by the argument "count". Placeholders are
// written {name}, or {name:form} for a time (date, day, time, clock, weekday).
// Texts that may be equal in two languages are listed in same/<room>.yaml.
//
// It imports no other room of Vez except, in tests, fault. Its tests beside it
// fail on a key that is missing in a language, on placeholders or plural
// categories that differ, on equal texts that nobody allowed, and on the wrong
// Chinese script; each failure names file and key.
package locale
