package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

const sqlRenew = "UPDATE meta SET value = $1 WHERE name = 'epoch'"

// Renew draws a new epoch for a ledger that was taken back in time by other
// means than Restore (point-in-time recovery, a copy of the file): what Redis
// has of the days that did not happen is then not believed. ErrInUse while a
// hub has the ledger open.
func Renew(ctx context.Context, cfg Config) (epoch string, err error) {
	d, err := unopened(cfg)
	if err != nil {
		return "", err
	}
	renew := renewLite
	if d.engine.name() == postgresName {
		renew = renewPostgres
	}
	epoch = newEpoch()
	return epoch, d.explain(ctx, renew(ctx, d.cfg, epoch))
}

func renewLite(ctx context.Context, cfg Config, epoch string) error {
	if err := isLedger(cfg); err != nil {
		return err
	}
	db, err := liteAlone(ctx, cfg.Dir)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if err := renewed(db.ExecContext(ctx, sqlRenew, epoch)); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "COMMIT")
	return err
}

func renewPostgres(ctx context.Context, cfg Config, epoch string) error {
	s := &pgShop{cfg: cfg, adopted: true} // it makes nothing that is to be discarded
	defer s.discard()
	hubs, err := s.guard(ctx)
	if err == nil {
		err = s.alone(ctx, hubs)
	}
	if err != nil {
		return err
	}
	return renewed(s.conn.ExecContext(ctx, sqlRenew, epoch))
}

func renewed(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n != 1 {
		err = errors.New("no ledger was begun here")
	}
	if err != nil {
		return fmt.Errorf("ledger: draw a new epoch: %w", err)
	}
	return nil
}
