package ipp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// Tag says what a value is, or begins a group (RFC 8010, section 3.5).
type Tag byte

// Tags that begin a group of attributes.
const (
	OperationGroup   Tag = 0x01
	JobGroup         Tag = 0x02
	endOfAttributes  Tag = 0x03
	PrinterGroup     Tag = 0x04
	UnsupportedGroup Tag = 0x05
	firstValueTag    Tag = 0x10
)

// Tags of values, with the Go type of Value.Data.
const (
	Unsupported     Tag = 0x10 // nil
	UnknownValue    Tag = 0x12 // nil
	NoValue         Tag = 0x13 // nil
	Integer         Tag = 0x21 // int32
	Boolean         Tag = 0x22 // bool
	Enum            Tag = 0x23 // int32
	OctetString     Tag = 0x30 // string
	DateTime        Tag = 0x31 // time.Time; a string of 11 bytes where a printer sent no date
	ResolutionTag   Tag = 0x32 // Resolution
	RangeTag        Tag = 0x33 // Range
	beginCollection Tag = 0x34 // Collection
	TextLang        Tag = 0x35 // Localized
	NameLang        Tag = 0x36 // Localized
	endCollection   Tag = 0x37
	Text            Tag = 0x41 // string, as all below
	Name            Tag = 0x42
	Keyword         Tag = 0x44
	URIValue        Tag = 0x45
	URIScheme       Tag = 0x46
	Charset         Tag = 0x47
	Language        Tag = 0x48
	MimeType        Tag = 0x49
	memberName      Tag = 0x4a
)

// CollectionTag is the tag of a Collection.
const CollectionTag = beginCollection

// Range is rangeOfInteger, both ends included.
type Range struct{ Low, High int32 }

// Resolution is a resolution; Units is 3 for dots per inch, 4 per centimetre.
type Resolution struct {
	X, Y  int32
	Units int8
}

// Localized is a text or name with its natural language.
type Localized struct{ Lang, Text string }

// Collection is a value made of attributes.
type Collection []Attribute

// Value is one value; the tag decides the type of Data.
type Value struct {
	Tag  Tag
	Data any
}

// Attribute has one value, or several of a 1setOf.
type Attribute struct {
	Name   string
	Values []Value
}

// Group is a delimited list of attributes.
type Group struct {
	Tag   Tag
	Attrs []Attribute
}

// Message is a request or a response.
type Message struct {
	// Major and Minor are the protocol's version.
	Major, Minor byte
	// Code is the operation of a request, the status of a response.
	Code uint16
	// ID is the request's id, which the response repeats.
	ID     int32
	Groups []Group
}

// Attr makes an attribute of values of one tag.
func Attr[T any](tag Tag, name string, data ...T) Attribute {
	a := Attribute{Name: name, Values: make([]Value, len(data))}
	for i, d := range data {
		a.Values[i] = Value{Tag: tag, Data: d}
	}
	return a
}

// Add puts attributes into the first group with the tag, which it makes if
// there is none.
func (m *Message) Add(group Tag, attrs ...Attribute) {
	for i := range m.Groups {
		if m.Groups[i].Tag == group {
			m.Groups[i].Attrs = append(m.Groups[i].Attrs, attrs...)
			return
		}
	}
	m.Groups = append(m.Groups, Group{Tag: group, Attrs: attrs})
}

// Group is the first group with the tag; empty if there is none.
func (m *Message) Group(tag Tag) Group {
	for _, g := range m.Groups {
		if g.Tag == tag {
			return g
		}
	}
	return Group{Tag: tag}
}

// find gives the values of an attribute.
func find(attrs []Attribute, name string) []Value {
	for _, a := range attrs {
		if a.Name == name {
			return a.Values
		}
	}
	return nil
}

// Values gives the values of an attribute, nil if it is not there.
func (g Group) Values(name string) []Value { return find(g.Attrs, name) }

// Strings gives the values of an attribute that are texts of any kind.
func (g Group) Strings(name string) []string {
	var out []string
	for _, v := range g.Values(name) {
		switch data := v.Data.(type) {
		case string:
			out = append(out, data)
		case Localized:
			out = append(out, data.Text)
		}
	}
	return out
}

// String gives the first text of an attribute, or "".
func (g Group) String(name string) string {
	if s := g.Strings(name); len(s) > 0 {
		return s[0]
	}
	return ""
}

// Int gives the first number of an attribute (integer or enum).
func (g Group) Int(name string) (n int, ok bool) {
	for _, v := range g.Values(name) {
		if n, ok := v.Data.(int32); ok {
			return int(n), true
		}
	}
	return 0, false
}

// Bool gives the first boolean of an attribute.
func (g Group) Bool(name string) (value, ok bool) {
	for _, v := range g.Values(name) {
		if b, ok := v.Data.(bool); ok {
			return b, true
		}
	}
	return false, false
}

var errTooLong = errors.New("ipp: a value longer than 32767 bytes")

// Encode gives the message in the encoding of RFC 8010, with the end-of-attributes
// tag; a document follows it. It fails on values that the encoding cannot hold.
func (m *Message) Encode() ([]byte, error) {
	e := encoder{}
	e.Write([]byte{m.Major, m.Minor})
	e.u16(int(m.Code))
	e.u32(m.ID)
	for _, g := range m.Groups {
		e.WriteByte(byte(g.Tag))
		for _, a := range g.Attrs {
			e.attribute(a)
		}
	}
	e.WriteByte(byte(endOfAttributes))
	return e.Bytes(), e.err
}

type encoder struct {
	bytes.Buffer
	err error
}

func (e *encoder) u16(n int)   { e.Write(binary.BigEndian.AppendUint16(nil, uint16(n))) }
func (e *encoder) u32(n int32) { e.Write(binary.BigEndian.AppendUint32(nil, uint32(n))) }

// sized writes a text after its length.
func (e *encoder) sized(s string) {
	if len(s) > math.MaxInt16 {
		e.err = errTooLong
		return
	}
	e.u16(len(s))
	e.WriteString(s)
}

func (e *encoder) attribute(a Attribute) {
	if a.Name == "" || len(a.Values) == 0 {
		e.err = fmt.Errorf("ipp: attribute %q has no name or no value", a.Name)
	}
	name := a.Name
	for _, v := range a.Values {
		e.value(name, v)
		name = "" // an empty name: one more value of the same attribute
	}
}

func (e *encoder) value(name string, v Value) {
	e.WriteByte(byte(v.Tag))
	e.sized(name)
	if c, ok := v.Data.(Collection); ok && v.Tag == beginCollection {
		e.collection(c)
		return
	}
	data, err := valueBytes(v)
	if err != nil {
		e.err = err
	}
	e.sized(data)
}

func (e *encoder) collection(c Collection) {
	e.u16(0)
	for _, member := range c {
		if member.Name == "" || len(member.Values) == 0 {
			e.err = fmt.Errorf("ipp: member %q has no name or no value", member.Name)
		}
		e.WriteByte(byte(memberName))
		e.u16(0)
		e.sized(member.Name)
		for _, v := range member.Values {
			e.value("", v)
		}
	}
	e.WriteByte(byte(endCollection))
	e.u32(0) // no name, no value
}

func valueBytes(v Value) (string, error) {
	ok := false
	var out []byte
	switch data := v.Data.(type) {
	case nil:
		ok = v.Tag >= firstValueTag && v.Tag < 0x20
	case int32:
		ok, out = v.Tag == Integer || v.Tag == Enum, binary.BigEndian.AppendUint32(nil, uint32(data))
	case bool:
		ok, out = v.Tag == Boolean, []byte{0}
		if data {
			out[0] = 1
		}
	case Range:
		ok = v.Tag == RangeTag
		out = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(data.Low)), uint32(data.High))
	case Resolution:
		ok = v.Tag == ResolutionTag
		out = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(data.X)), uint32(data.Y))
		out = append(out, byte(data.Units))
	case time.Time:
		ok, out = v.Tag == DateTime, dateTimeBytes(data)
	case Localized:
		return localizedBytes(v.Tag, data)
	case string:
		ok, out = isString(v.Tag) || v.Tag == DateTime && len(data) == lengths[DateTime], []byte(data)
	}
	if !ok {
		return "", fmt.Errorf("ipp: a %T cannot have the tag %#x", v.Data, byte(v.Tag))
	}
	return string(out), nil
}

// isString: values of tags that we do not know are kept as they came.
func isString(tag Tag) bool {
	switch tag {
	case Integer, Boolean, Enum, DateTime, ResolutionTag, RangeTag, beginCollection, TextLang, NameLang, endCollection, memberName:
		return false
	}
	return tag >= 0x20
}

func localizedBytes(tag Tag, l Localized) (string, error) {
	if tag != TextLang && tag != NameLang {
		return "", fmt.Errorf("ipp: a text with language cannot have the tag %#x", byte(tag))
	}
	e := encoder{}
	e.sized(l.Lang)
	e.sized(l.Text)
	return e.String(), e.err
}

// dateTimeBytes is DateAndTime of RFC 2579, to the tenth of a second.
func dateTimeBytes(t time.Time) []byte {
	_, offset := t.Zone()
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	out := binary.BigEndian.AppendUint16(nil, uint16(t.Year()))
	return append(out, byte(t.Month()), byte(t.Day()), byte(t.Hour()), byte(t.Minute()), byte(t.Second()),
		byte(t.Nanosecond()/1e8), sign, byte(offset/3600), byte(offset/60%60))
}
