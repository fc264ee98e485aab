package ledger

import (
	"archive/tar"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/klauspost/compress/zstd"
)

// An archive is a tar file of compressed parts, each some rows of one table,
// then the manifest that tells every part's hash, then the seal: hash and
// signature of the manifest. Everything before the manifest is hashed in it
// once more as it lies in the file, and what comes after must be, byte for
// byte, what we would write, so that no byte of the file can change unseen.

// Manifest says what is in an archive.
type Manifest struct {
	Format  int    `json:"format"` // 1
	Program string `json:"program"`
	// Engine is "sqlite" or "postgres": where it came from, not where it must go.
	Engine string `json:"engine"`
	// Schema is the number of the last migration.
	Schema int64     `json:"schema"`
	MadeAt time.Time `json:"made_at"` // machine time, UTC
	// AsOf is the last sign of life in the ledger, and so no later than its
	// state; ReplayedAt is of a replica, and when the primary made the last change
	// that it has. Zero when unknown; both in machine time of others, UTC.
	AsOf       time.Time `json:"as_of,omitzero"`
	ReplayedAt time.Time `json:"replayed_at,omitzero"`
	// Anchor has the epoch and the signed head of every office.
	Anchor Anchor        `json:"anchor"`
	Tables []BackupTable `json:"tables"`
	// LeftOut are tables that no archive has, and why.
	LeftOut map[string]string `json:"left_out"`
	// KeyFile tells that the file that wraps the secrets is in the archive.
	KeyFile bool `json:"key_file"`
	// Body is everything in the file before the manifest.
	Body BackupPart `json:"body"`
}

// BackupTable is a table in an archive.
type BackupTable struct {
	Name    string         `json:"name"`
	Columns []BackupColumn `json:"columns"`
	Rows    int            `json:"rows"`
	Parts   []BackupPart   `json:"parts"`
}

// BackupPart is a stretch of an archive.
type BackupPart struct {
	Name   string   `json:"name,omitempty"` // in the tar
	Rows   int      `json:"rows,omitempty"`
	Raw    int64    `json:"raw,omitempty"` // bytes before compression
	Size   int64    `json:"size"`          // bytes in the file
	SHA256 HexBytes `json:"sha256"`        // of these
}

// Rows counts a table's rows; 0 for one that is not there.
func (m Manifest) Rows(table string) int {
	for _, t := range m.Tables {
		if t.Name == table {
			return t.Rows
		}
	}
	return 0
}

// total counts the rows of all tables.
func (m Manifest) total() (n int) {
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

const (
	archiveFormat = 1
	archiveReadme = "README.txt"
	manifestName  = "manifest.json"
	sealName      = "seal.json"
	keyName       = "key"
	// partSize is about how much of a table is compressed together.
	partSize = 4 << 20
	// textMost bounds manifest and seal.
	textMost = 256 << 20
)

const readmeText = `This is a backup of a Vez ledger. "vez backup verify FILE" proves it, "vez restore FILE" brings it back.

Without Vez: each part TABLE/NNNNNN.copy.zst holds rows of one table, compressed with Zstandard, in the text format
of PostgreSQL's COPY; manifest.json names the columns. For example:

  tar -xf FILE && zstd -dc tickets/*.zst | psql -c "COPY tickets FROM STDIN"
`

var (
	// ErrArchiveDamaged is the answer to a file that is not, byte for byte, what was written.
	ErrArchiveDamaged = errors.New("this is no complete, undamaged backup")
	// ErrArchiveNewer is the answer to an archive that only a newer program can read.
	ErrArchiveNewer = errors.New("this backup was made by a newer Vez; restore it with that version or a later one")
	// ErrArchiveSigner is the answer to an archive that another key has signed.
	ErrArchiveSigner = errors.New("this backup was not signed by the key that is expected")
)

// seal closes an archive.
type seal struct {
	SHA256    HexBytes `json:"sha256"` // of the manifest
	Key       HexBytes `json:"key"`
	Signature HexBytes `json:"signature"`
}

func sealed(manifest []byte) []byte {
	sum := sha256.Sum256(manifest)
	return append([]byte("vez/ledger/backup/1"), sum[:]...)
}

func (s seal) check(manifest []byte) bool {
	sum := sha256.Sum256(manifest)
	return bytes.Equal(sum[:], s.SHA256) && len(s.Key) == ed25519.PublicKeySize &&
		ed25519.Verify(ed25519.PublicKey(s.Key), sealed(manifest), s.Signature)
}

// member is the header of a file in the archive: always one block of 512 bytes.
func member(name string, size int, at time.Time) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(size), Mode: 0o600, ModTime: at.Truncate(time.Second), Format: tar.FormatGNU}
}

const memberHeader = 512

// tail is the end of an archive: manifest, seal and the blocks that close a tar.
func tail(manifest, seal []byte, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range []struct {
		name string
		data []byte
	}{{manifestName, manifest}, {sealName, seal}} {
		if err := w.WriteHeader(member(f.name, len(f.data), at)); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

// archiveWriter writes an archive from front to back.
type archiveWriter struct {
	out      io.Writer
	body     *hasher
	tar      *tar.Writer
	zip      *zstd.Encoder
	manifest Manifest
	table    *BackupTable // in work
	rows     []byte       // of the next part
	packed   []byte
}

// hasher passes writes on and remembers them.
type hasher struct {
	io.Writer
	size int64
	sum  interface {
		io.Writer
		Sum([]byte) []byte
	}
}

func (h *hasher) Write(p []byte) (int, error) {
	n, err := h.Writer.Write(p)
	h.size += int64(n)
	_, _ = h.sum.Write(p[:n])
	return n, err
}

func newArchive(out io.Writer, m Manifest) (*archiveWriter, error) {
	zip, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	w := &archiveWriter{out: out, body: &hasher{Writer: out, sum: sha256.New()}, zip: zip, manifest: m}
	w.tar = tar.NewWriter(w.body)
	return w, w.file(archiveReadme, []byte(readmeText))
}

func (w *archiveWriter) file(name string, data []byte) error {
	if err := w.tar.WriteHeader(member(name, len(data), w.manifest.MadeAt)); err != nil {
		return err
	}
	_, err := w.tar.Write(data)
	return err
}

// begin starts a table; its rows are then written in the text format of COPY, cut anywhere.
func (w *archiveWriter) begin(t tableShape) {
	w.manifest.Tables = append(w.manifest.Tables, BackupTable{Name: t.name, Columns: t.columns, Parts: []BackupPart{}})
	w.table = &w.manifest.Tables[len(w.manifest.Tables)-1]
}

func (w *archiveWriter) Write(p []byte) (int, error) {
	w.rows = append(w.rows, p...)
	if len(w.rows) < partSize {
		return len(p), nil
	}
	return len(p), w.part(bytes.LastIndexByte(w.rows, '\n') + 1)
}

// part writes the first n bytes, which are whole rows.
func (w *archiveWriter) part(n int) error {
	if n == 0 {
		return nil // one row, and not yet all of it
	}
	rows := w.rows[:n]
	w.packed = w.zip.EncodeAll(rows, w.packed[:0])
	sum := sha256.Sum256(w.packed)
	p := BackupPart{Name: fmt.Sprintf("%s/%06d.copy.zst", w.table.Name, len(w.table.Parts)+1), Rows: bytes.Count(rows, []byte{'\n'}),
		Raw: int64(n), Size: int64(len(w.packed)), SHA256: sum[:]}
	w.table.Parts, w.table.Rows = append(w.table.Parts, p), w.table.Rows+p.Rows
	w.rows = append(w.rows[:0], w.rows[n:]...)
	return w.file(p.Name, w.packed)
}

// end closes a table.
func (w *archiveWriter) end() error {
	if len(w.rows) > 0 && w.rows[len(w.rows)-1] != '\n' {
		return fmt.Errorf("ledger: the rows of %s end within a row", w.table.Name)
	}
	return w.part(len(w.rows))
}

// close writes manifest and seal.
func (w *archiveWriter) close(key ed25519.PrivateKey) (Manifest, error) {
	if err := w.tar.Flush(); err != nil {
		return w.manifest, err
	}
	w.manifest.Body = BackupPart{Size: w.body.size, SHA256: w.body.sum.Sum(nil)}
	text, err := json.MarshalIndent(w.manifest, "", " ")
	if err != nil {
		return w.manifest, err
	}
	sum := sha256.Sum256(text)
	s, err := json.Marshal(seal{SHA256: sum[:], Key: HexBytes(key.Public().(ed25519.PublicKey)), Signature: ed25519.Sign(key, sealed(text))})
	if err != nil {
		return w.manifest, err
	}
	end, err := tail(text, s, w.manifest.MadeAt)
	if err != nil {
		return w.manifest, err
	}
	_, err = w.out.Write(end)
	return w.manifest, err
}

// Archive is a backup whose every byte has been checked.
type Archive struct {
	Manifest Manifest
	Size     int64
	file     *os.File
	offsets  map[string]int64
	unzip    *zstd.Decoder
}

// OpenArchive opens a backup and checks every byte of it: ErrArchiveDamaged
// when anything is missing or changed, ErrArchiveNewer for a newer program's,
// ErrArchiveSigner when signer is not nil and another key has signed it.
// progress, which may be nil, hears of bytes.
func OpenArchive(path string, signer ed25519.PublicKey, progress func(done, total int)) (*Archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	a := &Archive{file: f, offsets: map[string]int64{}}
	if err := a.open(signer, progress); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// Close closes the file.
func (a *Archive) Close() error {
	if a.unzip != nil {
		a.unzip.Close()
	}
	return a.file.Close()
}

func (a *Archive) open(signer ed25519.PublicKey, progress func(done, total int)) error {
	info, err := a.file.Stat()
	if err != nil {
		return err
	}
	a.Size = info.Size()
	text, end, err := a.index()
	if err != nil {
		return err
	}
	var s seal
	if err := a.parse(text, end, &s); err != nil {
		return err
	}
	if signer != nil && !bytes.Equal(signer, s.Key) {
		return fmt.Errorf("%w: it bears the key %s", ErrArchiveSigner, s.Key)
	}
	if err := a.hash(progress); err != nil {
		return err
	}
	a.unzip, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
	return err
}

func damaged(what string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrArchiveDamaged, fmt.Sprintf(what, args...))
}

// index notes where each part begins, and gives manifest and seal.
func (a *Archive) index() (manifest, sealText []byte, err error) {
	r := tar.NewReader(a.file)
	for sealText == nil {
		h, err := r.Next()
		if err != nil {
			return nil, nil, damaged("it is cut short or no archive (%v)", err)
		}
		at, err := a.file.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, nil, err
		}
		if _, twice := a.offsets[h.Name]; twice || h.Size > a.Size {
			return nil, nil, damaged("%s is there twice or has no end", h.Name)
		}
		a.offsets[h.Name] = at
		switch {
		case (h.Name == manifestName || h.Name == sealName) && h.Size > textMost:
			return nil, nil, damaged("%s is too long", h.Name)
		case h.Name == manifestName:
			manifest, err = io.ReadAll(r)
		case h.Name == sealName:
			sealText, err = io.ReadAll(r)
		}
		if err != nil {
			return nil, nil, damaged("%s is cut short", h.Name)
		}
	}
	return manifest, sealText, nil
}

// parse proves manifest and seal, and that nothing else stands around them.
func (a *Archive) parse(text, sealText []byte, s *seal) error {
	if err := json.Unmarshal(sealText, s); err != nil || !s.check(text) {
		return damaged("its seal is broken")
	}
	var format struct{ Format int }
	if json.Unmarshal(text, &format) == nil && format.Format > archiveFormat {
		return ErrArchiveNewer
	}
	if err := json.Unmarshal(text, &a.Manifest); err != nil {
		return damaged("its manifest cannot be read (%v)", err)
	}
	canonical, err := json.Marshal(s)
	if err != nil {
		return err
	}
	want, err := tail(text, canonical, a.Manifest.MadeAt)
	if err != nil {
		return err
	}
	begin := a.offsets[manifestName] - memberHeader
	got, err := io.ReadAll(io.NewSectionReader(a.file, begin, a.Size-begin))
	if err != nil {
		return err
	}
	if begin != a.Manifest.Body.Size || !bytes.Equal(got, want) {
		return damaged("its end is not as it was written")
	}
	if err := a.Manifest.Anchor.Check(); err != nil || !bytes.Equal(a.Manifest.Anchor.Key, s.Key) {
		return damaged("its heads are not signed by its key")
	}
	return nil
}

// hash reads everything before the manifest.
func (a *Archive) hash(progress func(done, total int)) error {
	sum, buf := sha256.New(), make([]byte, 1<<20)
	body := io.NewSectionReader(a.file, 0, a.Manifest.Body.Size)
	for done := int64(0); ; {
		n, err := body.Read(buf)
		sum.Write(buf[:n])
		done += int64(n)
		if progress != nil {
			progress(int(done), int(a.Manifest.Body.Size))
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read the backup: %w", err)
		}
	}
	if !bytes.Equal(sum.Sum(nil), a.Manifest.Body.SHA256) {
		return damaged("something in it has changed")
	}
	return nil
}

// member reads a small file of the archive; nil when it is not there.
func (a *Archive) member(name string) ([]byte, error) {
	at, ok := a.offsets[name]
	if !ok {
		return nil, nil
	}
	r := tar.NewReader(io.NewSectionReader(a.file, at-memberHeader, a.Size-at+memberHeader))
	if _, err := r.Next(); err != nil {
		return nil, damaged("%s: %v", name, err)
	}
	return io.ReadAll(r)
}

// part reads the rows of a part.
func (a *Archive) part(p BackupPart) ([]byte, error) {
	at, ok := a.offsets[p.Name]
	if !ok || p.Size < 0 || p.Size > a.Size {
		return nil, damaged("%s is missing", p.Name)
	}
	packed := make([]byte, p.Size)
	if _, err := a.file.ReadAt(packed, at); err != nil {
		return nil, damaged("%s: %v", p.Name, err)
	}
	if sum := sha256.Sum256(packed); !bytes.Equal(sum[:], p.SHA256) {
		return nil, damaged("%s has changed", p.Name)
	}
	rows, err := a.unzip.DecodeAll(packed, nil)
	if err != nil || int64(len(rows)) != p.Raw || bytes.Count(rows, []byte{'\n'}) != p.Rows || len(rows) > 0 && rows[len(rows)-1] != '\n' {
		return nil, damaged("%s does not hold its rows (%v)", p.Name, err)
	}
	return rows, nil
}

// each hands over the rows of a table; the values are the function's to keep.
func (a *Archive) each(t BackupTable, do func(row []any) error) error {
	for _, p := range t.Parts {
		rows, err := a.part(p)
		if err != nil {
			return err
		}
		for line := range bytes.Lines(rows) {
			row := make([]any, len(t.Columns))
			if err := parseRow(line[:len(line)-1], t.Columns, row); err != nil {
				return err
			}
			if err := do(row); err != nil {
				return err
			}
		}
	}
	return nil
}
