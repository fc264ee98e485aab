// Package identitytest has a store in memory for tests of whatever stands on
// identity. It imports nothing of Vez; it is tested by those who use it.
package identitytest
