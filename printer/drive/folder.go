package drive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/jonboulle/clockwork"
	"golang.org/x/sys/unix"

	"vez/fault"
	"vez/printer"
)

// Folder is a Driver that writes each document to <Dir>/<job id>.pdf: the
// printer of a machine that has none, and of tests. A file is there whole, on
// disk, or not at all.
type Folder struct{ Dir string }

// unfinished is the pattern of files that are being written.
const unfinished = ".print-*"

// leftFor is the age at which an unfinished file is nobody's any more: another
// program may be writing into the same folder.
const leftFor = 10 * time.Minute

// OpenFolder is a Folder from which the unfinished files of a crash are gone.
func OpenFolder(dir string, clock clockwork.Clock) Folder {
	left, _ := filepath.Glob(filepath.Join(dir, unfinished))
	for _, name := range left {
		if info, err := os.Stat(name); err == nil && clock.Since(info.ModTime()) > leftFor {
			_ = os.Remove(name) // what stays is in nobody's way
		}
	}
	return Folder{Dir: dir}
}

// paperName is that of a document: a job's id is a UUID. What somebody else put
// into the folder has another name.
var paperName = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.pdf$`)

// Sweep removes the documents that were written before an instant, and tells how
// many. It leaves all other names, links, and the folders in the folder.
func (f Folder) Sweep(before time.Time) (removed int, err error) {
	all, err := os.ReadDir(f.Dir)
	if errors.Is(err, fs.ErrNotExist) { // nothing was printed yet
		return 0, nil
	}
	faults := []error{err}
	for _, entry := range all {
		if !entry.Type().IsRegular() || !paperName.MatchString(entry.Name()) {
			continue
		}
		info, err := entry.Info()
		if err != nil || !info.ModTime().Before(before) {
			continue // gone meanwhile, or young
		}
		if err := os.Remove(filepath.Join(f.Dir, entry.Name())); err != nil {
			faults = append(faults, err)
			continue
		}
		removed++
	}
	return removed, errors.Join(faults...)
}

// Print writes the document. Faults: printer_away where the folder cannot be
// written, disk_full.
func (f Folder) Print(_ context.Context, job printer.Job, doc printer.Document) error {
	path, err := f.path(job)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.Dir, 0o750); err != nil {
		return f.fault(err)
	}
	pdf, err := doc.PDF()
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(f.Dir, unfinished)
	if err != nil {
		return f.fault(err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone already if all went well
	_, err = tmp.Write(pdf)
	if err == nil {
		err = tmp.Sync()
	}
	if err := errors.Join(err, tmp.Close()); err != nil {
		return f.fault(err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return f.fault(err)
	}
	// The file has its name now; if the folder cannot be synced, a power cut
	// may still take it back.
	if err := syncDir(f.Dir); err != nil {
		return fmt.Errorf("%w: %w", printer.ErrOutcomeUnknown, err)
	}
	return nil
}

// Status says whether the folder can be written.
func (f Folder) Status(context.Context) printer.Status {
	err := os.MkdirAll(f.Dir, 0o750)
	if err == nil {
		err = unix.Access(f.Dir, unix.W_OK)
	}
	if err != nil {
		return printer.Status{Problem: fault.CodeOf(f.fault(err))}
	}
	return printer.Status{}
}

// Close does nothing.
func (Folder) Close() error { return nil }

// Proves says that the job's file is there.
func (f Folder) Proves(_ context.Context, job printer.Job) bool {
	path, err := f.path(job)
	if err != nil {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// idLetters are those of a job id, so that none can name a file elsewhere.
const idLetters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"

func (f Folder) path(job printer.Job) (string, error) {
	if job.ID == "" {
		return "", fault.New(fault.PrintFailed).Because(errors.New("a job without id"))
	}
	if strings.Trim(job.ID, idLetters) != "" {
		return "", fault.New(fault.PrintFailed).Because(fmt.Errorf("job id %q is no file name", job.ID))
	}
	return filepath.Join(f.Dir, job.ID+".pdf"), nil
}

func (Folder) fault(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.New(fault.DiskFull).Because(err)
	}
	return fault.New(fault.PrinterAway, "printer", "folder").Because(err)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
