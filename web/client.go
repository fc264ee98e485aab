package web

import (
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Client is the address that a request comes from. Behind proxies that are
// trusted it is the right-most address of X-Forwarded-For that is none of
// theirs: what stands further left is whatever the sender wrote. It is for
// limits only and is never logged.
func Client(c *fiber.Ctx) netip.Addr {
	peer := peerOf(c)
	if a := stateOf(c).app; a != nil && a.trusted.has(peer) {
		return a.forwarded(c, peer)
	}
	return peer
}

// atHome says whether a request comes from the machine itself, or was made in
// its memory.
func atHome(c *fiber.Ctx) bool {
	from := Client(c)
	return from.IsLoopback() || from.IsUnspecified()
}

// peerOf is the other end of the connection.
func peerOf(c *fiber.Ctx) netip.Addr {
	addr, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	return addr.Unmap()
}

// forwarded walks the chain of proxies from our side. A proxy that writes
// something that is no address is the last that we know.
func (a *App) forwarded(c *fiber.Ctx, known netip.Addr) netip.Addr {
	var chain []string
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		chain = append(chain, strings.Split(string(line), ",")...)
	}
	for i := len(chain) - 1; i >= 0; i-- {
		addr, err := addrOf(chain[i])
		if err != nil {
			return known
		}
		known = addr
		if !a.trusted.has(addr) {
			return addr
		}
	}
	return known
}

// addrOf reads an address as proxies write it, with or without a port.
func addrOf(text string) (netip.Addr, error) {
	text = strings.TrimSpace(text)
	if with, err := netip.ParseAddrPort(text); err == nil {
		return with.Addr().Unmap().WithZone(""), nil
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return addr.Unmap().WithZone(""), err
}

// networks are addresses and networks.
type networks []netip.Prefix

func (n networks) has(addr netip.Addr) bool {
	for _, p := range n {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// readNetworks reads what Config.TrustedProxies names, as Fiber does: what it
// cannot read it leaves out.
func readNetworks(all []string) networks {
	var out networks
	for _, text := range all {
		if p, err := netip.ParsePrefix(text); err == nil {
			out = append(out, p.Masked())
		} else if addr, err := netip.ParseAddr(text); err == nil {
			out = append(out, netip.PrefixFrom(addr, addr.BitLen()))
		}
	}
	return out
}

// network is what one subscriber commands: an address of IPv4, but a /64 of IPv6.
func network(addr netip.Addr) string {
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.String()
}
