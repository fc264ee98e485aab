#!/bin/sh
# The inside of ippeveprinter for the tests: delivers a document into $VEZ_OUT under its job's name. While $VEZ_OUT/hold is
# there it works on and on; while $VEZ_OUT/empty is there it has no paper and says so, as the manual of ippeveprinter has it.
: >"$VEZ_OUT/working"
while [ -e "$VEZ_OUT/hold" ]; do sleep 0.05; done
if [ -e "$VEZ_OUT/empty" ]; then
  echo "STATE: +media-empty-error" >&2
  while [ -e "$VEZ_OUT/empty" ]; do sleep 0.05; done
  echo "STATE: -media-empty-error" >&2
fi
cp "$1" "$VEZ_OUT/.part" && mv "$VEZ_OUT/.part" "$VEZ_OUT/$IPP_JOB_NAME"
rm -f "$VEZ_OUT/working"
