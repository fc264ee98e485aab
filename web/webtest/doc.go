// Package webtest is what tests of pages share: an app served on loopback, a
// headless Chromium on it, and a few ways to read HTML.
//
// Being for tests only, it may import libraries for tests; of Vez it imports
// nothing, so that the tests inside package web can use it too. Its own tests
// are those of package web and of the rooms with pages.
package webtest
