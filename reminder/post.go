package reminder

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"vez/fault"
)

const (
	dialWithin   = 15 * time.Second
	answerWithin = time.Minute
	// takenWithin is how long a server may think about a whole message: its
	// answer decides whether we know what became of it (RFC 5321, 4.5.3.2.6 asks for ten minutes).
	takenWithin = 5 * time.Minute
)

// Post is the mail server that takes our mails.
type Post struct {
	server *url.URL
	from   *mail.Address
	root   *tls.Config // nil for the system's certificates
}

// NewPost reads smtp://user:password@host:587 or smtps://…:465 and the sender's
// address; fault.Configuration for what cannot be read. With smtp:// the line is
// encrypted where the server offers it.
func NewPost(server, from string) (*Post, error) {
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, fault.New(fault.Configuration, "remedy", "write smtp://user:password@host:587 or smtps://…:465")
	}
	a, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fault.New(fault.Configuration, "remedy", "write a sender such as vez@example.org").Because(err)
	}
	return &Post{server: u, from: a}, nil
}

// Trust takes other certificates than the system's.
func (p *Post) Trust(c *tls.Config) { p.root = c }

func (p *Post) port() int {
	if n, err := strconv.Atoi(p.server.Port()); err == nil {
		return n
	}
	switch {
	case p.server.Scheme == "smtps":
		return gomail.DefaultPortSSL
	case p.server.User != nil:
		return gomail.DefaultPortTLS
	}
	return gomail.DefaultPort
}

// dial opens a line that is greeted, encrypted where offered, and signed in.
func (p *Post) dial(ctx context.Context) (*line, error) {
	var conn net.Conn
	client, err := p.client(func(ctx context.Context, network, address string) (_ net.Conn, err error) {
		conn, err = p.connect(ctx, network, address)
		return conn, err
	})
	if err != nil {
		return nil, err
	}
	c, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if conn != nil { // go-mail leaves it open after a failed sign-in
			_ = conn.Close()
		}
		return nil, &trouble{kind: away, code: codeOf(err), why: whyNoLine(err)}
	}
	return &line{c: c, from: p.from.Address}, nil
}

// connect opens the connection, encrypted with smtps://.
func (p *Post) connect(ctx context.Context, network, address string) (net.Conn, error) {
	if p.server.Scheme == "smtps" {
		return (&tls.Dialer{Config: p.root}).DialContext(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// client sets go-mail up. It finds out by itself that a connection is encrypted
// from the first byte; WithSSL would make it dial by itself.
func (p *Post) client(connect gomail.DialContextFunc) (*gomail.Client, error) {
	opts := []gomail.Option{gomail.WithPort(p.port()), gomail.WithTimeout(dialWithin), gomail.WithoutSMTPUTF8(),
		gomail.WithTLSPolicy(gomail.TLSOpportunistic), gomail.WithDialContextFunc(connect)}
	if name, err := os.Hostname(); err == nil && name != "" {
		opts = append(opts, gomail.WithHELO(name))
	}
	if p.root != nil {
		opts = append(opts, gomail.WithTLSConfig(p.root))
	}
	if u := p.server.User; u != nil {
		password, _ := u.Password()
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(u.Username()), gomail.WithPassword(password))
	}
	return gomail.NewClient(p.server.Hostname(), opts...)
}

// line is an open connection to the mail server, used by one goroutine.
type line struct {
	c    *smtp.Client
	from string
	used bool // a message has gone over it
}

// kindOfTrouble is what a fault of the mail server means for a mail.
type kindOfTrouble int

const (
	away      kindOfTrouble = iota // the server is not there, or does not take our sender: this mail is not to blame
	notNow                         // it does not take this mail now
	refused                        // it will never take this mail
	notGone                        // the message did not reach it whole: it cannot have taken it
	nobodyYet                      // it got the whole message and did not answer
	cutShort                       // the run's time was up before there was a line
)

// trouble is a mail server's answer that is not yes. It holds the code alone:
// servers like to put the address into their words, and it is none of the log's business.
type trouble struct {
	kind kindOfTrouble
	code int    // 0 when the line broke
	why  string // there is no line, as whyNoLine says; "" for all else
}

func (t *trouble) Error() string {
	text := "the line to the mail server broke"
	if t.code != 0 {
		text = fmt.Sprintf("the mail server answered %d", t.code)
	}
	if t.why != "" {
		text += " (" + t.why + ")"
	}
	return text
}

// closes tells whether the line cannot be used any more: it broke, the server
// is closing it, or wants another sign-in.
func (t *trouble) closes() bool {
	return t.kind == away || t.code < 400 || t.code == 421 || t.code == 530 || t.code == 535
}

// whyNoLine tells in a word why a line was not opened: the error's own words
// may hold names and addresses. "" for none of the usual reasons.
func whyNoLine(err error) string {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var slow net.Error
	switch {
	case errors.As(err, &name):
		return "dns"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.As(err, &certificate):
		return "certificate"
	case strings.Contains(strings.ToLower(err.Error()), "smtp auth"): // go-mail has no type for it
		return "sign-in"
	case errors.As(err, &slow) && slow.Timeout():
		return "timeout"
	}
	return ""
}

// codeOf is the reply code in an error; 0 when it is none of the server's words.
func codeOf(err error) int {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code
	}
	return 0
}

// troubleOf reads the answer to a command that speaks of one mail. A server that
// closes the line, or wants another sign-in, may do so for this mail alone: else
// a few addresses could hold up all the others.
func troubleOf(err error) *trouble {
	t := &trouble{kind: notNow, code: codeOf(err)}
	if t.code >= 500 && !t.closes() {
		t.kind = refused
	}
	return t
}

// offer leads a mail up to where its message is wanted: MAIL, RCPT, DATA.
func (l *line) offer(to string) *trouble {
	_ = l.c.UpdateDeadline(answerWithin)
	if err := l.c.Mail("<" + l.from + ">"); err != nil {
		return &trouble{kind: away, code: codeOf(err)} // whoever the mail is for, our sender is not welcome
	}
	if err := l.c.Rcpt("<" + to + ">"); err != nil {
		return troubleOf(err)
	}
	if err := l.data(); err != nil {
		return troubleOf(err)
	}
	return nil
}

func (l *line) data() error {
	id, err := l.c.Text.Cmd("DATA")
	if err != nil {
		return err
	}
	l.c.Text.StartResponse(id)
	defer l.c.Text.EndResponse(id)
	_, _, err = l.c.Text.ReadResponse(354)
	return err
}

// deliver hands a message with its final dot over in one write and waits for
// the answer. Only what was written whole can have been taken.
func (l *line) deliver(dotted []byte) *trouble {
	_ = l.c.UpdateDeadline(takenWithin)
	l.used = true
	_, err := l.c.Text.W.Write(dotted)
	if err == nil {
		err = l.c.Text.W.Flush()
	}
	if err != nil { // short: a writer that wrote all has no error
		return &trouble{kind: notGone}
	}
	if _, _, err = l.c.Text.ReadResponse(250); err == nil {
		return nil
	}
	if codeOf(err) == 0 {
		return &trouble{kind: nobodyYet}
	}
	return troubleOf(err) // 421, too, says that it has not taken it
}

// reset ends a mail that was refused, so that the line can be used again.
func (l *line) reset() error {
	_ = l.c.UpdateDeadline(answerWithin)
	return l.c.Reset()
}

// drop closes the line as it is: what was not ended by a dot is not taken.
func (l *line) drop() { _ = l.c.Text.Close() }

// quit takes leave.
func (l *line) quit() {
	_ = l.c.UpdateDeadline(time.Second)
	if l.c.Quit() != nil {
		l.drop()
	}
}

// dotted writes a message as it goes over the line (RFC 5321, 4.5.2), with the final dot.
func dotted(message []byte) ([]byte, error) {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	d := textproto.NewWriter(w).DotWriter()
	_, err := d.Write(message)
	err = errors.Join(err, d.Close(), w.Flush())
	return out.Bytes(), err
}
