// Package rapidtest gives random programs the same seed in every run, so that a
// test says of a change what it said before it, and of nothing else.
//
//	import _ "vez/hall/rapidtest"
//
// in one test file of a package is enough. New seeds are for who asks for them:
// -rapid.seed=0 or RAPID_SEED=0 draws one, and scripts/soak.sh does with others
// by the hour. It imports nothing of Vez; its own test shows that the seed holds.
package rapidtest
