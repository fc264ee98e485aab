package font

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/image/font/sfnt"

	"vez/fault"
)

// wanted names the files that serve a kind of text, the best first. A name
// after '#' is the face wanted from a collection.
var wanted = map[string][]string{
	"hk": {"NotoSansHK-Regular.ttf", "NotoSansTC-Regular.ttf", "NotoSansHK-Regular.otf",
		"NotoSansCJK-Regular.ttc#Noto Sans CJK HK", "NotoSansCJK-Regular.ttc#Noto Sans CJK TC"},
	"hk-bold": {"NotoSansHK-Bold.ttf", "NotoSansTC-Bold.ttf", "NotoSansHK-Bold.otf",
		"NotoSansCJK-Bold.ttc#Noto Sans CJK HK", "NotoSansCJK-Bold.ttc#Noto Sans CJK TC"},
	"sc": {"NotoSansSC-Regular.ttf", "NotoSansSC-Regular.otf", "NotoSansCJK-Regular.ttc#Noto Sans CJK SC",
		"wqy-microhei.ttc#WenQuanYi Micro Hei"},
	"sc-bold": {"NotoSansSC-Bold.ttf", "NotoSansSC-Bold.otf", "NotoSansCJK-Bold.ttc#Noto Sans CJK SC"},
}

// spare names files that fill gaps, loaded when a character asks for them.
var spare = []string{"wqy-microhei.ttc#WenQuanYi Micro Hei", "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf",
	"DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSansCJK-Regular.ttc#Noto Sans CJK HK", "HanaMinA.ttf"}

// probe is text that a usable set must be able to print, of all four languages.
const probe = "A0123456789 áàãâéêíóõôúçº 澳門籌櫃檯預約 澳门筹柜台预约 ，。：（）–·"

// SystemDirs are the folders where operating systems keep fonts.
func SystemDirs() []string {
	dirs := []string{"/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts"}
	if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, ".local/share/fonts"), filepath.Join(home, ".fonts"))
	}
	return dirs
}

// Library finds fonts in folders, at first need, and keeps them. While
// nothing usable is found every call looks again, so that fonts put there
// later are used without a restart.
type Library struct {
	dirs []string

	mu  sync.Mutex
	set *Set
}

// NewLibrary makes a library that looks through the folders and those below
// them in the order given; the first file of a name wins. Folders that do not
// exist are passed over.
func NewLibrary(dirs ...string) *Library { return &Library{dirs: dirs} }

// Set gives the fonts found, or a fault with the code fonts_missing.
func (l *Library) Set() (*Set, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.set != nil {
		return l.set, nil
	}
	set, err := load(index(l.dirs))
	if err != nil {
		return nil, fault.New(fault.FontsMissing).Because(err)
	}
	l.set = set
	return set, nil
}

// index maps file names, in lower case, to paths.
func index(dirs []string) map[string]string {
	found := make(map[string]string)
	for _, dir := range dirs {
		// A folder may be a link to where several houses keep their fonts; the walk itself follows none.
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dir = real
		}
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return fs.SkipDir
			}
			key := strings.ToLower(d.Name())
			if _, seen := found[key]; !seen && !d.IsDir() {
				found[key] = path
			}
			return nil
		})
	}
	return found
}

func load(files map[string]string) (*Set, error) {
	ld := &loader{files: files, open: make(map[string]*io.SectionReader)}
	faces := make(map[string]*Face)
	for role, names := range wanted {
		faces[role] = ld.first(role, names)
	}
	set := &Set{rest: sync.OnceValue(func() []*Face { return ld.all(spare) })}
	set.chains = map[string][]link{
		"hk":      chain(link{faces["hk"], false}, link{faces["sc"], false}),
		"hk-bold": chain(link{faces["hk-bold"], false}, link{faces["hk"], true}, link{faces["sc"], true}),
		"sc":      chain(link{faces["sc"], false}, link{faces["hk"], false}),
		"sc-bold": chain(link{faces["sc-bold"], false}, link{faces["sc"], true}, link{faces["hk-bold"], false}, link{faces["hk"], true}),
	}
	if len(set.chains["hk"]) == 0 && len(set.rest()) == 0 {
		return nil, errors.Join(append(ld.errs, fmt.Errorf("no font file found for Chinese"))...)
	}
	for _, lang := range []string{"zh-Hant", "zh-Hans"} {
		if missing := set.Missing(Style{Lang: lang}, probe); len(missing) > 0 {
			return nil, errors.Join(append(ld.errs, fmt.Errorf("no font found for %q", string(missing)))...)
		}
	}
	return set, nil
}

// chain keeps the faces that were found; those that a PDF can embed go first,
// because text drawn as shapes can be neither copied nor read aloud.
func chain(links ...link) []link {
	var embed, draw []link
	for _, l := range links {
		switch {
		case l.face == nil:
		case l.face.Cuttable():
			embed = append(embed, l)
		default:
			draw = append(draw, l)
		}
	}
	return append(embed, draw...)
}

// loader opens each file once and remembers why one could not be used. A file
// stays open as long as a face of it is used, and is closed when none is left.
type loader struct {
	files map[string]string
	open  map[string]*io.SectionReader
	errs  []error
}

func (ld *loader) first(role string, names []string) *Face {
	for _, name := range names {
		if f := ld.face(role, name); f != nil {
			return f
		}
	}
	return nil
}

func (ld *loader) all(names []string) []*Face {
	var out []*Face
	for _, name := range names {
		file, _, _ := strings.Cut(name, "#")
		if f := ld.face(strings.TrimSuffix(file, filepath.Ext(file)), name); f != nil {
			out = append(out, f)
		}
	}
	return out
}

// face gives nil for a file that is not there or not usable.
func (ld *loader) face(role, name string) *Face {
	file, member, _ := strings.Cut(name, "#")
	src, ok := ld.file(file)
	if !ok {
		return nil
	}
	at, err := memberIndex(src, member)
	if err == nil {
		var f *Face
		if f, err = Read(role, src, at); err == nil {
			return f
		}
	}
	ld.errs = append(ld.errs, fmt.Errorf("%s: %w", file, err))
	return nil
}

func (ld *loader) file(name string) (*io.SectionReader, bool) {
	path, ok := ld.files[strings.ToLower(name)]
	if !ok {
		return nil, false
	}
	if src, ok := ld.open[path]; ok {
		return src, true
	}
	src, err := openFile(path)
	if err != nil {
		ld.errs = append(ld.errs, err)
		return nil, false
	}
	ld.open[path] = src
	return src, true
}

// openFile opens a font to be read here and there, and for good.
func openFile(path string) (*io.SectionReader, error) {
	f, err := os.Open(path) //nolint:gosec // a font that was found in a folder of fonts
	if err != nil {
		return nil, err
	}
	about, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return io.NewSectionReader(f, 0, about.Size()), nil
}

// memberIndex finds a face in a collection by its family name; 0 if no name is asked.
func memberIndex(file *io.SectionReader, name string) (int, error) {
	if name == "" {
		return 0, nil
	}
	coll, err := sfnt.ParseCollectionReaderAt(file)
	if err != nil {
		return 0, err
	}
	for i := range coll.NumFonts() {
		f, err := coll.Font(i)
		if err != nil {
			return 0, err
		}
		if family, err := f.Name(nil, sfnt.NameIDFamily); err == nil && family == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("no face named %q", name)
}
