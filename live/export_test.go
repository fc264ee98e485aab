package live

// Flush does at once what the hub does four times a second.
func (h *Hub) Flush() { h.flush() }
