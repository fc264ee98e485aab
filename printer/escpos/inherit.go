package escpos

// Inherit says that a program before this one may have left a strip hanging
// from the printer: it is struck through and cut off before the first paper,
// which costs a scrap of paper each time. Without it, a ticket that was given up because its hub
// died might come out after all, on top of the next one. It is called before
// the driver is used.
func (d *Driver) Inherit() { d.strip = true }
