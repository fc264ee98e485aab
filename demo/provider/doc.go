// Package provider is a small OpenID provider for the demonstration, mounted at
// /demo/id: it offers plainly named demo people to sign in as, and answers with
// signed tokens exactly as the provider of the administration would, so that
// sign-in runs the same code.
//
// It imports identity, web and fault. It has no passwords and keeps nothing
// over a restart, and outside the demonstration nobody registers it. The tests
// are here; the whole flow is tested in identity.
package provider
