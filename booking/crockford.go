package booking

// alphabet is Crockford's base 32: no I, L, O or U.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// digits gives the value of each character, upper or lower case; 0xFF for none.
var digits = func() (d [256]byte) {
	for i := range d {
		d[i] = 0xFF
	}
	for i := range len(alphabet) {
		c := alphabet[i]
		d[c] = byte(i)
		if c >= 'A' {
			d[c+'a'-'A'] = byte(i)
		}
	}
	return d
}()

// encode32 writes bytes, five bits a character, the last padded with zeros.
func encode32(in []byte) string {
	out := make([]byte, 0, (len(in)*8+4)/5)
	acc, bits := uint(0), 0
	for _, b := range in {
		acc, bits = acc<<8|uint(b), bits+8
		for ; bits >= 5; bits -= 5 {
			out = append(out, alphabet[acc>>(bits-5)&31])
		}
	}
	if bits > 0 {
		out = append(out, alphabet[acc<<(5-bits)&31])
	}
	return string(out)
}

// decode32 reads whole bytes; false for a strange character or bits left over that are not zero.
func decode32(in string) ([]byte, bool) {
	out := make([]byte, 0, len(in)*5/8)
	acc, bits := uint(0), 0
	for i := range len(in) {
		d := digits[in[i]]
		if d == 0xFF {
			return nil, false
		}
		acc, bits = acc<<5|uint(d), bits+5
		if bits >= 8 {
			bits -= 8
			out = append(out, byte(acc>>bits))
		}
	}
	return out, bits < 5 && acc&(1<<bits-1) == 0
}
