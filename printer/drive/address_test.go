package drive_test

import (
	"path"
	"strings"
	"testing"

	"vez/fault"
	"vez/printer"
	"vez/printer/drive"
)

var pin = strings.Repeat("0a", 32)

func TestAnAddressIsPutIntoItsPlainForm(t *testing.T) {
	for text, want := range map[string]string{
		"tcp://10.0.0.5":                                           "tcp://10.0.0.5:9100",
		" TCP://Printer-1.Hall.example:9101/":                      "tcp://printer-1.hall.example:9101",
		"tcp://[fe80::1]:9100":                                     "tcp://[fe80::1]:9100",
		"device:/dev/usb/lp0":                                      "device:/dev/usb/lp0",
		"device:///dev/ttyUSB0":                                    "device:/dev/ttyUSB0",
		"device:/dev/serial/by-id/usb-EPSON_TM-T20_1-if00-port0":   "device:/dev/serial/by-id/usb-EPSON_TM-T20_1-if00-port0",
		"device:/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0":  "device:/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0",
		"ipp://a4.hall.example":                                    "ipp://a4.hall.example:631/ipp/print",
		"ipp://localhost:6631/printers/A4":                         "ipp://localhost:6631/printers/A4",
		"ipps://10.0.0.9/ipp/print#sha256=" + strings.ToUpper(pin): "ipps://10.0.0.9:631/ipp/print#sha256=" + pin,
		"folder:slips":                                             "folder:slips",
		"folder://櫃檯-2":                                            "folder:櫃檯-2",
	} {
		a, err := drive.Parse(text)
		if err != nil || a.String() != want {
			t.Errorf("%q: %q, %v; want %q", text, a, err, want)
			continue
		}
		if again, err := drive.Parse(a.String()); err != nil || again != a {
			t.Errorf("%q read again: %+v, %v", a, again, err)
		}
	}
}

func TestAnAddressThatCannotBeReadSaysWhyAndWhatWasMeant(t *testing.T) {
	for text, want := range map[string]struct{ why, meant string }{
		"":                                  {drive.WhyEmpty, ""},
		"10.0.0.5":                          {drive.WhyScheme, "tcp://10.0.0.5"},
		"10.0.0.5:9100":                     {drive.WhyScheme, "tcp://10.0.0.5:9100"},
		"hall-printer:9100":                 {drive.WhyScheme, "tcp://hall-printer:9100"},
		"/dev/usb/lp0":                      {drive.WhyScheme, "device:/dev/usb/lp0"},
		"/srv/papers":                       {drive.WhyScheme, "folder:papers"},
		"tpc://10.0.0.5":                    {drive.WhyScheme, "tcp://10.0.0.5"},
		"socket://10.0.0.5:9100":            {drive.WhyScheme, "tcp://10.0.0.5:9100"},
		"http://a4:631/ipp/print":           {drive.WhyScheme, "ipp://a4:631/ipp/print"},
		"lpd://a4/queue":                    {drive.WhyScheme, ""},
		"tcp:10.0.0.5":                      {drive.WhyHost, "tcp://10.0.0.5"},
		"tcp://":                            {drive.WhyHost, ""},
		"tcp://a b":                         {drive.WhyPath, "tcp://ab"},
		"tcp://-x-":                         {drive.WhyHost, ""},
		"tcp://10.0.0.5:22":                 {drive.WhyPort, ""},
		"tcp://10.0.0.5:99999":              {drive.WhyPort, ""},
		"tcp://10.0.0.5:9100/x":             {drive.WhyPath, "tcp://10.0.0.5:9100"},
		"device:/etc/passwd":                {drive.WhyPath, ""},
		"device:/dev/../etc/passwd":         {drive.WhyPath, ""},
		"device:/dev/ttyusb0":               {drive.WhyPath, ""},
		"device:lp0":                        {drive.WhyPath, "device:/dev/lp0"},
		"device:dev/usb/lp0":                {drive.WhyPath, "device:/dev/usb/lp0"},
		"device:usb/lp0":                    {drive.WhyPath, "device:/dev/usb/lp0"},
		"device:":                           {drive.WhyPath, ""},
		"folder:../x":                       {drive.WhyName, "folder:x"},
		"folder:/var/a/b":                   {drive.WhyName, "folder:b"},
		"folder:.hidden":                    {drive.WhyName, ""},
		"ipp://user:secret@a4":              {drive.WhySecret, ""},
		"ipp://a4/x?y":                      {drive.WhySecret, ""},
		"ipp://a4#sha256=" + pin:            {drive.WhyPin, ""},
		"ipps://a4#sha256=12":               {drive.WhyPin, ""},
		"ipps://a4#md5=" + pin:              {drive.WhyPin, ""},
		"tcp://10.0.0.5\x00:9100":           {drive.WhyPath, ""},
		"folder:" + strings.Repeat("x", 41): {drive.WhyName, ""},
	} {
		_, err := drive.Parse(text)
		f := fault.Of(err)
		if fault.CodeOf(err) != fault.InvalidField || f.Params["field"] != "address" || f.Params["why"] != want.why {
			t.Errorf("%q: %v", text, err)
			continue
		}
		meant, _ := f.Params["meant"].(string)
		if want.why != drive.WhyPath || want.meant != "" {
			if meant != want.meant {
				t.Errorf("%q: meant %q, want %q", text, meant, want.meant)
			}
		}
		if strings.Contains(err.Error(), "secret@") {
			t.Errorf("the fault tells a password: %v", err)
		}
	}
}

func TestADeviceIsAPrintersAndNoOtherFile(t *testing.T) {
	for _, name := range []string{"usb/lp0", "usb/lp12", "lp0", "ttyS0", "ttyUSB0", "ttyACM3"} {
		if a, err := drive.Parse("device:/dev/" + name); err != nil || a.Path != "/dev/"+name {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
	for _, name := range []string{
		"fd/9", "stdin", "null", "mem", "sda", "tty", "tty0", "pts/3", "ptmx", "shm/vez.db", "usb/hiddev0", "usb/lp", "lp0/x", "lp", "lp0000",
		"usb/../lp0", "usb//lp0", "./lp0", "/lp0", "serial/by-id/..", "serial/by-id/../../fd/9", "serial/by-id/.x", "serial/by-id/", "serial/x",
		"ttyUSB", "ttyUSB0/", "ttyUSBx", "lp0%2f",
	} {
		_, err := drive.Parse("device:/dev/" + name)
		if f := fault.Of(err); fault.CodeOf(err) != fault.InvalidField || f.Params["why"] != drive.WhyPath {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAnAddressSaysWhatPaperIsLikely(t *testing.T) {
	for text, want := range map[string]printer.Format{"tcp://a": printer.Roll80, "device:/dev/usb/lp0": printer.Roll80, "ipp://a": printer.A4, "folder:x": printer.Roll80} {
		if a, err := drive.Parse(text); err != nil || a.Formats()[0] != want {
			t.Errorf("%s: %v, %v", text, a.Formats(), err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"tcp://10.0.0.5:9100", "device:/dev/usb/lp0", "ipps://a/b#sha256=" + pin, "folder:x", "10.0.0.5", "tcp:", ":", "//"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := drive.Parse(text)
		if err != nil {
			if fault.CodeOf(err) != fault.InvalidField {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if again, err := drive.Parse(a.String()); err != nil || again != a {
			t.Errorf("%q is %q and then %+v, %v", text, a, again, err)
		}
		if a.Scheme == drive.Device && (!strings.HasPrefix(a.Path, "/dev/") || path.Clean(a.Path) != a.Path) || a.Scheme == drive.Dir && strings.ContainsAny(a.Path, "./\\") {
			t.Errorf("%q leads to %q", text, a.Path)
		}
	})
}
