// Package reminder reminds people of what they have booked: into the memo list
// of their account, by e-mail, and as letters on paper; never twice for one cause.
//
// It owns when a reminder is due (choose.go), the e-mail addresses that people
// have left (contacts.go), and the planning and sending of what is due. The
// ledger keeps the state of each reminder; reminder declares what it needs of
// it and knows neither SQL nor the hall. It imports words only (booking,
// office, fault). What each piece promises is tested beside it; the journey of
// many reminders through a real mail server is in journey_test.go.
package reminder
