package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// tableShape is a table of the ledger as an archive knows it: alike on both engines.
type tableShape struct {
	name    string
	columns []BackupColumn
}

// BackupColumn is a column of an archived table. Type is "text", "int" (64 bits) or "bytes".
type BackupColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// The types of columns.
const (
	typeText  = "text"
	typeInt   = "int"
	typeBytes = "bytes"
)

// leftOut are the tables that no archive has: they speak of processes that run
// now, and of nothing that anybody was promised.
var leftOut = map[string]string{
	"commits":      "the last batch of running writers",
	"holder_locks": "rows to lock, made again when they are needed",
	"leases":       "what running hubs hold for some seconds",
	"undos":        "the last move of each counter, which can be undone for 15 seconds",
}

// versionTable is where goose keeps the number of the schema.
const versionTable = "goose_db_version"

// blueprint gives the tables of a schema version as SQLite has them, by name:
// migrations of equal numbers make the same tables on both engines.
func blueprint(ctx context.Context, version int64) ([]tableShape, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	if err := migrateTo(ctx, &liteEngine{}, db, version); err != nil {
		return nil, err
	}
	names, err := column[string](ctx, db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
	if err != nil {
		return nil, err
	}
	var out []tableShape
	for _, name := range names {
		if name == versionTable {
			continue
		}
		t := tableShape{name: name}
		if t.columns, err = shapeOf(ctx, db, name); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func shapeOf(ctx context.Context, db *sql.DB, table string) ([]BackupColumn, error) {
	rows, err := db.QueryContext(ctx, "SELECT name, type FROM pragma_table_info($1) ORDER BY cid", table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []BackupColumn
	for rows.Next() {
		var c BackupColumn
		if err := rows.Scan(&c.Name, &c.Type); err != nil {
			return nil, err
		}
		kind, known := map[string]string{"TEXT": typeText, "INTEGER": typeInt, "BIGINT": typeInt, "BLOB": typeBytes}[c.Type]
		if !known {
			return nil, fmt.Errorf("ledger: column %s.%s has the type %s, which no archive can hold", table, c.Name, c.Type)
		}
		c.Type = kind
		out = append(out, c)
	}
	return out, rows.Err()
}

// asker is what can be asked: a pool or a connection.
type asker interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// column reads one column.
func column[T any](ctx context.Context, db asker, text string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// migrateTo brings an empty schema to a version, and no further.
func migrateTo(ctx context.Context, e engine, db *sql.DB, version int64) error {
	p, err := provider(e, db)
	if err != nil {
		return err
	}
	if _, err := p.UpTo(ctx, version); err != nil {
		return e.classify(fmt.Errorf("migrate: %w", err))
	}
	return nil
}

// schemaNewest is the newest schema that this program knows.
func schemaNewest() (int64, error) {
	p, err := provider(&liteEngine{}, &sql.DB{})
	if err != nil {
		return 0, err
	}
	sources := p.ListSources()
	if len(sources) == 0 {
		return 0, errors.New("ledger: no migrations")
	}
	return sources[len(sources)-1].Version, nil
}

func (t tableShape) list() string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}

// Rows are archived in the text format of PostgreSQL's COPY (its manual, COPY,
// "Text Format"): columns between tabs, rows between line feeds, \N for NULL,
// bytes as \x and hexadecimal digits. So psql can read an archive without us.

// appendRow writes a row. Values are int64, string, []byte or nil; empty bytes may come as "".
func appendRow(b []byte, columns []BackupColumn, row []any) ([]byte, error) {
	for i, v := range row {
		if i > 0 {
			b = append(b, '\t')
		}
		switch v := v.(type) {
		case nil:
			b = append(b, `\N`...)
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case string:
			if columns[i].Type == typeBytes && v == "" {
				b = append(b, `\\x`...)
				continue
			}
			if strings.IndexByte(v, 0) >= 0 || !utf8.ValidString(v) {
				return b, fmt.Errorf("ledger: column %s holds what is no text", columns[i].Name)
			}
			b = appendText(b, v)
		case []byte:
			b = append(b, `\\x`...)
			b = hex.AppendEncode(b, v)
		default:
			return b, fmt.Errorf("ledger: column %s holds a %T", columns[i].Name, v)
		}
	}
	return append(b, '\n'), nil
}

// escapes are what stands behind a backslash for a character, 0 for none.
var escapes = [256]byte{'\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v', '\\': '\\'}

func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if e := escapes[s[i]]; e != 0 {
			b = append(b, '\\', e)
		} else {
			b = append(b, s[i])
		}
	}
	return b
}

// parseRow reads a row without its line feed into values: int64, string, []byte or nil.
func parseRow(line []byte, columns []BackupColumn, into []any) error {
	for i, c := range columns {
		field, rest, more := bytes.Cut(line, []byte{'\t'})
		if more != (i < len(columns)-1) {
			return fmt.Errorf("%w: a row has not %d columns", ErrArchiveDamaged, len(columns))
		}
		v, err := parseField(field, c.Type)
		if err != nil {
			return fmt.Errorf("%w: column %s: %w", ErrArchiveDamaged, c.Name, err)
		}
		into[i], line = v, rest
	}
	return nil
}

func parseField(field []byte, kind string) (any, error) {
	if string(field) == `\N` {
		return nil, nil
	}
	switch kind {
	case typeInt:
		return strconv.ParseInt(string(field), 10, 64)
	case typeBytes:
		digits, ok := bytes.CutPrefix(field, []byte(`\\x`))
		if !ok {
			return nil, errors.New("bytes without their mark")
		}
		out := make([]byte, hex.DecodedLen(len(digits)))
		_, err := hex.Decode(out, digits)
		return out, err
	}
	text, err := parseText(field)
	if err == nil && (strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text)) {
		err = errors.New("what is no text")
	}
	return text, err
}

func parseText(field []byte) (string, error) {
	if bytes.IndexByte(field, '\\') < 0 {
		return string(field), nil
	}
	out := make([]byte, 0, len(field))
	for i := 0; i < len(field); i++ {
		if field[i] != '\\' {
			out = append(out, field[i])
			continue
		}
		if i++; i == len(field) {
			return "", errors.New("a backslash at the end")
		}
		c := unescapes[field[i]]
		if c == 0 {
			return "", fmt.Errorf("unknown escape %q", field[i-1:i+1])
		}
		out = append(out, c)
	}
	return string(out), nil
}

var unescapes = func() (out [256]byte) {
	for c, e := range escapes {
		if e != 0 {
			out[e] = byte(c)
		}
	}
	return out
}()
