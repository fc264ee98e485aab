package webtest

import "golang.org/x/net/html"

// All lists the elements below a node that are as wanted, in document order;
// below nil there is none.
func All(n *html.Node, wanted func(*html.Node) bool) []*html.Node {
	if n == nil {
		return nil
	}
	var out []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && wanted(d) {
			out = append(out, d)
		}
	}
	return out
}

// First is the first of All, nil when there is none.
func First(n *html.Node, wanted func(*html.Node) bool) *html.Node {
	if found := All(n, wanted); len(found) > 0 {
		return found[0]
	}
	return nil
}

// Attr is the value of an element's attribute, "" when it has none.
func Attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Has tells whether an element has an attribute, whatever its value.
func Has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}
