package live

// Flush does at once what the hub does four times a second.
func (h *Hub) Flush() { h.flush() }

// Asking is how many wait for the ledger's heads to be asked for next.
func (h *Hub) Asking() int {
	h.newest.mu.Lock()
	defer h.newest.mu.Unlock()
	if h.newest.next == nil {
		return 0
	}
	return h.newest.next.asking
}
