package ledger

import (
	"errors"
	"os"
	"strings"
	"testing"

	"vez/fault"
)

func TestALedgerOnANetworkDiskIsRefused(t *testing.T) {
	was := diskKind
	t.Cleanup(func() { diskKind = was })
	open := func(kind uint32, err error) error {
		diskKind = func(string) (uint32, error) { return kind, err }
		cfg := inRealTime()
		cfg.Dir = t.TempDir()
		d, err := Open(t.Context(), cfg)
		if err != nil {
			if left, err := os.ReadDir(cfg.Dir); err != nil || len(left) > 0 {
				t.Errorf("left in the folder: %v %v", left, err)
			}
			return err
		}
		return d.Close()
	}
	for kind, name := range map[uint32]string{0x6969: "NFS", 0x517B: "SMB", 0xFE534D42: "SMB", 0xFF534D42: "CIFS"} {
		if err := open(kind, nil); fault.CodeOf(err) != fault.Configuration || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "VEZ_DATABASE") {
			t.Errorf("%s: answer is %v", name, err)
		}
	}
	for _, kind := range []uint32{0xEF53, 0x58465342, 0x9123683E, 0x01021994, 0x794C7630} { // ext4, XFS, Btrfs, tmpfs, overlay
		if err := open(kind, nil); err != nil {
			t.Errorf("%x: %v", kind, err)
		}
	}
	if err := open(0x6969, errors.New("nobody tells")); err != nil {
		t.Error(err)
	}
	if kind, err := was(t.TempDir()); err != nil || kind == 0 {
		t.Errorf("the disk of this test is %x, %v", kind, err)
	}
}
