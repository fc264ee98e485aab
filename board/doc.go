// Package board holds the words of public boards: which calls are shown and
// where, how long a new one flashes, when the language of the labels changes,
// and what the loudspeaker says.
//
// Pure functions over plain data, "now" is an argument: boards in one hall show
// the same at the same time. It may import ticket; the pages stand in
// board/pages. Tests stand beside the code.
package board
