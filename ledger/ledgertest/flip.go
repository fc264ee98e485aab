package ledgertest

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// flip changes one bit in a column of a random row and gives what puts it back.
func flip(t *testing.T, db *sql.DB, random *rand.Rand, table, key, column string) (undo func()) {
	t.Helper()
	keys, values := rowsOf(t, db, table, key, column)
	i := random.IntN(len(keys))
	old := values[i]
	damaged := damage(random, old)
	set := func(to any, where []any) {
		names := strings.Split(key, ", ")
		terms := make([]string, len(names))
		for n, name := range names {
			terms[n] = fmt.Sprintf("%s = $%d", name, n+2)
		}
		_, err := db.Exec("UPDATE "+table+" SET "+column+" = $1 WHERE "+strings.Join(terms, " AND "), append([]any{to}, where...)...)
		if err != nil {
			t.Fatalf("%s.%s: %v", table, column, err)
		}
	}
	set(damaged, keys[i])
	return func() {
		moved := append([]any{}, keys[i]...)
		for n, name := range strings.Split(key, ", ") {
			if name == column {
				moved[n] = damaged
			}
		}
		set(old, moved)
	}
}

func rowsOf(t *testing.T, db *sql.DB, table, key, column string) (keys [][]any, values []any) {
	t.Helper()
	rows, err := db.Query("SELECT " + column + ", " + key + " FROM " + table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	width := strings.Count(key, ",") + 1
	for rows.Next() {
		var value any
		k := make([]any, width)
		into := []any{&value}
		for i := range k {
			into = append(into, &k[i])
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		keys, values = append(keys, k), append(values, value)
	}
	if err := rows.Err(); err != nil || len(keys) == 0 {
		t.Fatalf("%s has %d rows, %v", table, len(keys), err)
	}
	return keys, values
}

// damage flips one bit. Texts stay ASCII, which both engines take, and keys
// do not become each other's.
func damage(random *rand.Rand, v any) any {
	switch v := v.(type) {
	case int64:
		return v ^ 1<<(4+random.IntN(24)) // the lowest bits could make the key of another row
	case string:
		b := []byte(v)
		if len(b) == 0 {
			return "x"
		}
		b[random.IntN(len(b))] ^= 0x10
		return string(b)
	case []byte:
		b := append([]byte{}, v...)
		if len(b) == 0 {
			return []byte{1}
		}
		b[random.IntN(len(b))] ^= 1 << random.IntN(8)
		return b
	}
	panic(fmt.Sprintf("column of type %T", v))
}
