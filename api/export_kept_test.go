package api

import (
	"context"

	"github.com/gofiber/fiber/v2"
)

// TheLongWay runs f while no kept answer is given.
func (a *API) TheLongWay(f func()) {
	kept := map[*operation]func(context.Context, *fiber.Ctx, *call) bool{}
	for _, o := range a.ops {
		kept[o], o.kept = o.kept, nil
	}
	defer func() {
		for o, k := range kept {
			o.kept = k
		}
	}()
	f()
}

// CountKept counts the kept answers that are given from now on, by operation.
func (a *API) CountKept() map[string]int {
	n := map[string]int{}
	for _, o := range a.ops {
		if kept := o.kept; kept != nil {
			o.kept = func(ctx context.Context, f *fiber.Ctx, c *call) bool {
				ok := kept(ctx, f, c)
				if ok {
					n[o.id]++
				}
				return ok
			}
		}
	}
	return n
}
