package ticket

import "slices"

// CallReasons are the codes that staff may name for an act out of order: call
// this one, to the front. They are shown to those passed over and counted in the
// day's report, so none of them tells anything about a person's health or case.
var CallReasons = []string{
	"present",      // stands at the counter, while the called one does not
	"our_mistake",  // wrong queue, wrong advice, a fault of ours
	"paper_back",   // was sent for a missing paper and has it now
	"short_matter", // a signature, a collection: a minute
	"same_matter",  // belongs to the matter being served
	"deadline",     // a legal term ends today
	"need_met",     // the counter or person that meets a need is free now
	"with_child",   // came with a small child
	"safety",       // calm or safety of the hall
	"manager",      // decided by the manager of the hall
}

// KnownReason tells whether a code is one of CallReasons.
func KnownReason(code string) bool { return slices.Contains(CallReasons, code) }
