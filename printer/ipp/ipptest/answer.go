package ipptest

import (
	"io"
	"slices"

	"vez/printer/ipp"
)

// answer answers a request; ok false: with silence.
func (p *Printer) answer(req *ipp.Message, document io.Reader) (res *ipp.Message, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.faults.away {
		return nil, false
	}
	res = &ipp.Message{Major: req.Major, Minor: req.Minor, ID: req.ID}
	res.Add(ipp.OperationGroup, ipp.Attr(ipp.Charset, "attributes-charset", "utf-8"),
		ipp.Attr(ipp.Language, "attributes-natural-language", "en"))
	if p.opt.Old && req.Major > 1 {
		res.Code = ipp.StatusVersion
		return res, true
	}
	op := req.Group(ipp.OperationGroup)
	switch req.Code {
	case ipp.OpGetPrinterAttributes:
		res.Groups = append(res.Groups, ipp.Group{Tag: ipp.PrinterGroup, Attrs: requested(op, p.attributes())})
	case ipp.OpPrintJob:
		return res, p.take(req, res, document)
	case ipp.OpGetJobAttributes, ipp.OpCancelJob:
		p.one(req.Code, op, res)
	case ipp.OpGetJobs:
		p.advance(true)
		for _, j := range p.jobs {
			if (j.state >= cancelled) == (op.String("which-jobs") == "completed") {
				res.Groups = append(res.Groups, ipp.Group{Tag: ipp.JobGroup, Attrs: requested(op, p.job(j))})
			}
		}
	default:
		res.Code = 0x0501
	}
	return res, true
}

// one answers about one job.
func (p *Printer) one(code uint16, op ipp.Group, res *ipp.Message) {
	id, _ := op.Int("job-id")
	at := slices.IndexFunc(p.jobs, func(j *job) bool { return j.ID == id })
	switch {
	case at < 0:
		res.Code = ipp.StatusNotFound
	case code == ipp.OpGetJobAttributes:
		p.advance(true)
		res.Groups = append(res.Groups, ipp.Group{Tag: ipp.JobGroup, Attrs: requested(op, p.job(p.jobs[at]))})
	case p.jobs[at].state >= cancelled:
		res.Code = ipp.StatusNotPossible
	case p.faults.lateCancel:
		p.jobs[at].late = true
		p.advance(false)
	default:
		p.jobs[at].state = cancelled
	}
}

// count uses one of a number of faults up.
func count(n *int) bool {
	if *n <= 0 {
		return false
	}
	*n--
	return true
}

// take takes a job in; ok false: the connection breaks.
func (p *Printer) take(req, res *ipp.Message, document io.Reader) (ok bool) {
	if count(&p.faults.loseRequest) {
		_, _ = io.CopyN(io.Discard, document, 64)
		return false
	}
	data, err := io.ReadAll(document)
	if err != nil {
		return false
	}
	op := req.Group(ipp.OperationGroup)
	format := op.String("document-format")
	switch {
	case p.faults.refusing:
		res.Code = ipp.StatusNotAccepting
	case count(&p.faults.busy):
		res.Code = ipp.StatusBusy
	case !slices.Contains(p.opt.Formats, format):
		res.Code = 0x040a
	case p.opt.RefuseMedia && (req.Group(ipp.JobGroup).Values("media") != nil || req.Group(ipp.JobGroup).Values("media-col") != nil):
		res.Code = ipp.StatusAttributes
	}
	if res.Code != 0 {
		return true
	}
	p.last++
	p.up++
	j := &job{state: processing, created: p.up, looks: p.faults.slow, Paper: Paper{Job: op.String("job-name"),
		User: op.String("requesting-user-name"), ID: p.last, Format: format, Data: data, Attrs: req.Group(ipp.JobGroup)}}
	if count(&p.faults.abort) {
		j.state, j.begun = aborted, true
	}
	p.jobs = append(p.jobs, j)
	p.advance(false)
	res.Add(ipp.JobGroup, ipp.Attr(ipp.Integer, "job-id", int32(j.ID)), ipp.Attr(ipp.Enum, "job-state", j.state))
	return !count(&p.faults.loseReply)
}

// job is what the printer says of a job.
func (p *Printer) job(j *job) []ipp.Attribute {
	sheets := int32(0)
	if j.state == completed || j.state == cancelled && j.late {
		sheets = 1
	}
	begun := ipp.Attr(ipp.Integer, "time-at-processing", int32(j.created))
	if !j.begun {
		begun.Values = []ipp.Value{{Tag: ipp.NoValue}}
	}
	attrs := []ipp.Attribute{
		ipp.Attr(ipp.Integer, "job-id", int32(j.ID)), ipp.Attr(ipp.Name, "job-name", j.Job), ipp.Attr(ipp.Enum, "job-state", j.state),
		ipp.Attr(ipp.Name, "job-originating-user-name", j.User),
		ipp.Attr(ipp.Integer, "time-at-creation", int32(j.created)), begun,
	}
	if p.opt.Countless {
		return attrs
	}
	return append(attrs, ipp.Attr(ipp.Integer, "job-media-sheets-completed", sheets))
}

// attributes are what the printer says of itself.
func (p *Printer) attributes() []ipp.Attribute {
	f, state := p.faults, int32(3)
	reasons := slices.Clone(f.reasons)
	for reason, is := range map[string]bool{"media-empty-error": f.out, "cover-open-error": f.open, "media-low-report": f.low} {
		if is {
			reasons = append(reasons, reason)
		}
	}
	if f.out || f.open {
		state = 5
	}
	if len(reasons) == 0 {
		reasons = []string{"none"}
	}
	attrs := []ipp.Attribute{
		ipp.Attr(ipp.URIValue, "printer-uri-supported", p.URI()), ipp.Attr(ipp.Name, "printer-name", "Vez test printer"),
		ipp.Attr(ipp.Enum, "printer-state", state), ipp.Attr(ipp.Keyword, "printer-state-reasons", reasons...),
		ipp.Attr(ipp.Boolean, "printer-is-accepting-jobs", !f.refusing), ipp.Attr(ipp.Integer, "printer-up-time", int32(p.up)),
		ipp.Attr(ipp.MimeType, "document-format-supported", p.opt.Formats...), ipp.Attr(ipp.Keyword, "media-supported", p.opt.Media...),
		ipp.Attr(ipp.Keyword, "media-col-supported", "media-size"), ipp.Attr(ipp.Keyword, "print-scaling-supported", "none", "fit"),
		ipp.Attr(ipp.Keyword, "sides-supported", "one-sided", "two-sided-long-edge"),
	}
	for _, more := range p.opt.Attrs {
		attrs = slices.DeleteFunc(attrs, func(a ipp.Attribute) bool { return a.Name == more.Name })
		attrs = append(attrs, more)
	}
	return attrs
}

// requested leaves those attributes that were asked for.
func requested(op ipp.Group, attrs []ipp.Attribute) []ipp.Attribute {
	names := op.Strings("requested-attributes")
	if len(names) == 0 || slices.Contains(names, "all") {
		return attrs
	}
	return slices.DeleteFunc(attrs, func(a ipp.Attribute) bool { return !slices.Contains(names, a.Name) })
}
