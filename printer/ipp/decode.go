package ipp

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// Bounds of a message that is read.
const (
	maxMessage = 4 << 20 // bytes, without the document
	maxValues  = 100_000 // values and members
	maxDepth   = 8       // collections in collections
)

// ErrMessage says that something was no IPP message.
var ErrMessage = errors.New("ipp: malformed message")

// Decode reads a message up to and with its end-of-attributes tag; the
// document, if there is one, is what r gives next. It reads at most 4 MB. Its
// errors wrap ErrMessage.
func Decode(r *bufio.Reader) (*Message, error) {
	d := decoder{r: r, left: maxMessage, values: maxValues}
	m, err := d.message()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMessage, err)
	}
	return m, nil
}

type decoder struct {
	r            *bufio.Reader
	left, values int
}

func (d *decoder) take(n int) ([]byte, error) {
	if d.left -= n; n < 0 || d.left < 0 {
		return nil, errors.New("too long")
	}
	b := make([]byte, n)
	_, err := io.ReadFull(d.r, b)
	return b, err
}

func (d *decoder) tag() (Tag, error) {
	b, err := d.take(1)
	if err != nil {
		return 0, err
	}
	return Tag(b[0]), nil
}

// sized reads a length and as many bytes.
func (d *decoder) sized() (string, error) {
	head, err := d.take(2)
	if err != nil {
		return "", err
	}
	n := int(binary.BigEndian.Uint16(head))
	if n > math.MaxInt16 {
		return "", errors.New("a negative length")
	}
	b, err := d.take(n)
	return string(b), err
}

func (d *decoder) message() (*Message, error) {
	head, err := d.take(8)
	if err != nil {
		return nil, err
	}
	m := &Message{Major: head[0], Minor: head[1], Code: binary.BigEndian.Uint16(head[2:]), ID: int32(binary.BigEndian.Uint32(head[4:]))}
	for {
		tag, err := d.tag()
		switch {
		case err != nil:
			return nil, err
		case tag == endOfAttributes:
			return m, nil
		case tag < firstValueTag:
			m.Groups = append(m.Groups, Group{Tag: tag})
			continue
		case len(m.Groups) == 0:
			return nil, errors.New("a value before the first group")
		}
		g := &m.Groups[len(m.Groups)-1]
		if err := d.attribute(tag, &g.Attrs); err != nil {
			return nil, err
		}
	}
}

// attribute reads a value after its tag, and gives it to the attribute it
// belongs to: a new one, or the last.
func (d *decoder) attribute(tag Tag, attrs *[]Attribute) error {
	name, err := d.sized()
	if err != nil {
		return err
	}
	if name != "" {
		*attrs = append(*attrs, Attribute{Name: name})
	}
	if len(*attrs) == 0 {
		return errors.New("a value without a name")
	}
	v, err := d.value(tag, 0)
	if err != nil {
		return err
	}
	last := &(*attrs)[len(*attrs)-1]
	last.Values = append(last.Values, v)
	return nil
}

// value reads what follows a tag and a name.
func (d *decoder) value(tag Tag, depth int) (Value, error) {
	if d.values--; d.values < 0 {
		return Value{}, errors.New("too many values")
	}
	data, err := d.sized()
	if err != nil {
		return Value{}, err
	}
	if tag == beginCollection {
		c, err := d.collection(depth + 1)
		return Value{Tag: tag, Data: c}, err
	}
	v, err := parse(data, tag)
	return Value{Tag: tag, Data: v}, err
}

func (d *decoder) collection(depth int) (Collection, error) {
	if depth > maxDepth {
		return nil, errors.New("collections too deep")
	}
	c := Collection{}
	for {
		tag, err := d.tag()
		if err != nil {
			return nil, err
		}
		if name, err := d.sized(); err != nil || name != "" {
			return nil, errors.Join(err, errors.New("a name in a collection"))
		}
		switch tag {
		case endCollection:
			_, err := d.sized()
			return c, complete(c, err)
		case memberName:
			if d.values--; d.values < 0 {
				return nil, errors.New("too many values")
			}
			name, err := d.sized()
			if err != nil || name == "" {
				return nil, errors.Join(err, errors.New("a member without a name"))
			}
			c = append(c, Attribute{Name: name})
		default:
			if len(c) == 0 || tag < firstValueTag {
				return nil, fmt.Errorf("tag %#x in a collection", byte(tag))
			}
			v, err := d.value(tag, depth)
			if err != nil {
				return nil, err
			}
			last := &c[len(c)-1]
			last.Values = append(last.Values, v)
		}
	}
}

// complete fails when a member has no value.
func complete(c Collection, err error) error {
	for _, member := range c {
		if len(member.Values) == 0 {
			return errors.Join(err, fmt.Errorf("member %q without a value", member.Name))
		}
	}
	return err
}

// lengths are those that values of a tag must have.
var lengths = map[Tag]int{Integer: 4, Enum: 4, Boolean: 1, RangeTag: 8, ResolutionTag: 9, DateTime: 11}

// parse reads the bytes of a value that is no collection.
func parse(data string, tag Tag) (any, error) {
	if want, ok := lengths[tag]; ok && len(data) != want {
		return nil, fmt.Errorf("%d bytes for the tag %#x", len(data), byte(tag))
	}
	number := func(at int) int32 { return int32(binary.BigEndian.Uint32([]byte(data[at : at+4]))) }
	switch tag {
	case Integer, Enum:
		return number(0), nil
	case Boolean:
		return data[0] != 0, nil
	case RangeTag:
		return Range{number(0), number(4)}, nil
	case ResolutionTag:
		return Resolution{X: number(0), Y: number(4), Units: int8(data[8])}, nil
	case DateTime:
		if t, ok := dateTime(data); ok {
			return t, nil
		}
		return data, nil // a printer whose clock was never set
	case TextLang, NameLang:
		return localized(data)
	}
	switch {
	case isString(tag):
		return data, nil
	case tag >= firstValueTag && tag < 0x20:
		return nil, nil // out of band: there is no value
	}
	return nil, fmt.Errorf("tag %#x outside a collection", byte(tag))
}

func localized(data string) (Localized, error) {
	var parts [2]string
	for i := range parts {
		if len(data) < 2 {
			return Localized{}, errors.New("a text with language that is too short")
		}
		n := int(data[0])<<8 | int(data[1])
		if n > len(data)-2 {
			return Localized{}, errors.New("a text with language that is too short")
		}
		parts[i], data = data[2:2+n], data[2+n:]
	}
	if data != "" {
		return Localized{}, errors.New("a text with language that is too long")
	}
	return Localized{Lang: parts[0], Text: parts[1]}, nil
}

// dateTime reads DateAndTime of RFC 2579; ok false: it is no date.
func dateTime(s string) (at time.Time, ok bool) {
	year, month, day := int(s[0])<<8|int(s[1]), int(s[2]), int(s[3])
	hour, minute, second, tenth, zh, zm := int(s[4]), int(s[5]), int(s[6]), int(s[7]), int(s[9]), int(s[10])
	if year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 || tenth > 9 || zh > 14 || zm > 59 {
		return time.Time{}, false
	}
	offset := zh*3600 + zm*60
	switch s[8] {
	case '+':
	case '-':
		offset = -offset
	default:
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, tenth*1e8, time.FixedZone("", offset)), true
}
