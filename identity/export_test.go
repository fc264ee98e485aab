package identity

// Cheaply makes passwords cost little, so that tests need not wait for them.
func (a *Accounts) Cheaply() { a.cost = cost{Time: 1, Memory: 64, Threads: 1} }
