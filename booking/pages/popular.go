package pages

// popular are services that many people come for, by what departments say of
// themselves; ids that a catalogue does not have are left out.
var popular = []string{
	"dsi-bir-renewal", "dsi-passport-renewal", "dsi-criminal-record", "dsaj-birth-certificate",
	"dsf-tax-payment", "fss-old-age-pension", "dsat-driving-licence-services", "dsal-tnr-domestic-renewal",
}
