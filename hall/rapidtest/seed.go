package rapidtest

import (
	"flag"
	"os"

	_ "pgregory.net/rapid" // it declares the flag
)

// seed is any number but 0, which stands for another one each time.
const seed = "1"

// The flag is set before the command line is read, which may say otherwise; so may the environment.
func init() {
	if _, said := os.LookupEnv("RAPID_SEED"); said {
		return
	}
	known := flag.Lookup("rapid.seed")
	known.DefValue = seed
	if err := known.Value.Set(seed); err != nil {
		panic(err)
	}
}
