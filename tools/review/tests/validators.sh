#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# `cargo xtask test validators`: others' validators read what qos writes: the files for the forges, the review's JSON and SARIF, and the
# bills of materials. Each validator also has to refuse a file that is wrong, or it validates nothing.
#
#   validators.sh [DIR…]     DIR: a directory of `cargo xtask review --out`, whose files are validated, too
#
# Runs on the host, because it downloads the validators, in pinned versions, from the registries of Python and npm. Needs python3 with
# venv (Debian: python3-venv), npm, and Nix for the bills of materials of the images.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
reviews=()
for review in "$@"; do reviews+=("$(cd "$review" && pwd)"); done
cd "$here/../../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
  echo "validators.sh: $*" >&2
  exit 1
}

python3 -m venv "$scratch/python" >"$scratch/log" 2>&1 || fail "python3 cannot make a virtual environment; install python3-venv: $(tail -n 1 "$scratch/log")"
bin=$scratch/python/bin
"$bin/pip" install --quiet --no-deps --requirement "$here/validators.txt" >"$scratch/log" 2>&1 ||
  fail "nothing was validated, because pip cannot install the validators: $(grep -m 1 -i error "$scratch/log" || tail -n 1 "$scratch/log")"
# The schema of SARIF, which no package of Python has.
sarif=$scratch/package/lib/schemas/sarif-2.1.0-rtm.5.json
(cd "$scratch" && npm pack --silent @microsoft/jest-sarif@1.0.0-beta.0 >log 2>&1 && tar xzf microsoft-jest-sarif-*.tgz) ||
  fail "nothing was validated, because npm cannot download SARIF's schema: $(head -n 1 "$scratch/log")"
echo "2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8  $sarif" | sha256sum --check --quiet || fail "SARIF's schema is another one"

count=0 refused=0
# accepts FILE… -- VALIDATOR…: of each file.
accepts() {
  local files=() file
  while [ "$1" != -- ]; do
    files+=("$1")
    shift
  done
  shift
  for file in "${files[@]}"; do
    "$@" "$file" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; fail "$file is refused by: ${*##*/}"; }
    echo "ok  ${file#"$scratch/"}: ${*##*/}"
    count=$((count + 1))
  done
}
# refuses FILE SED -- VALIDATOR…: of a copy that sed changed.
refuses() {
  local wrong=$scratch/wrong-${1##*/} original=$1
  sed "$2" "$1" >"$wrong"
  ! cmp --quiet "$wrong" "$1" || fail "the change $2 of $1 changes nothing"
  shift 3
  ! "$@" "$wrong" >/dev/null 2>&1 || fail "a wrong ${original##*/} is accepted by: ${*##*/}"
  refused=$((refused + 1))
}
# The text of a snapshot of insta's, without its header.
snapshot() { awk 'header > 1; /^---$/ { header++ }' "$1" >"$scratch/$2"; }

schema=$bin/check-jsonschema
github=("$schema" --builtin-schema vendor.github-workflows)
accepts .github/workflows/*.yml examples/ci/forgejo*.yml -- "${github[@]}"
refuses .github/workflows/review.yml 's/runs-on:/runs-where:/' -- "${github[@]}"
gitlab=("$schema" --builtin-schema vendor.gitlab-ci)
accepts examples/ci/gitlab-ci.yml -- "${gitlab[@]}"
refuses examples/ci/gitlab-ci.yml 's/expire_in: .*/expire_in: [3]/' -- "${gitlab[@]}"

ours=tools/review/review.schema.json
accepts "$ours" -- "$schema" --check-metaschema
refuses "$ours" 's/"type": "object"/"type": "thing"/' -- "$schema" --check-metaschema
snapshot "$here/reviews/snapshots/changed.json.snap" review.json
accepts "$scratch/review.json" "${reviews[@]/%//review.json}" -- "$schema" --schemafile "$ours"
refuses "$scratch/review.json" 's/"violations"/"violation"/' -- "$schema" --schemafile "$ours"
# A pattern in the schema is a regular expression of JavaScript's without the flag `u`.
sarif=("$schema" --regex-variant nonunicode --schemafile "$sarif")
snapshot "$here/reviews/snapshots/changed.sarif.snap" review.sarif
accepts "$scratch/review.sarif" "${reviews[@]/%//review.sarif}" -- "${sarif[@]}"
refuses "$scratch/review.sarif" 's/"level": "error"/"level": "fatal"/' -- "${sarif[@]}"

cat >"$scratch/cyclonedx" <<EOF2
#!$bin/python
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
with open(sys.argv[1]) as file:
    sys.exit(JsonStrictValidator(SchemaVersion.V1_6).validate_str(file.read()))
EOF2
chmod +x "$scratch/cyclonedx"
spdx=("$bin/pyspdxtools" --infile)
ntia=("$bin/sbomcheck" --quiet --comply ntia)
documents=tools/sbom/tests/snapshots
snapshot $documents/t.spdx.json.snap t.spdx.json
snapshot $documents/t.cdx.json.snap t.cdx.json
accepts "$scratch/t.spdx.json" -- "${spdx[@]}"
accepts "$scratch/t.spdx.json" -- "${ntia[@]}"
accepts "$scratch/t.cdx.json" -- "$scratch/cyclonedx"
refuses "$scratch/t.spdx.json" 's/"SPDXRef-image"/"image"/' -- "${spdx[@]}"
refuses "$scratch/t.spdx.json" '/"supplier":/d' -- "${ntia[@]}"
refuses "$scratch/t.cdx.json" 's/"type": "operating-system"/"type": "thing"/' -- "$scratch/cyclonedx"
for image in sbom sbom-minimal sbom-server; do
  result=$scratch/$image
  nix --extra-experimental-features 'nix-command flakes' build --out-link "$result" ".#$image"
  accepts "$result"/*.spdx.json -- "${spdx[@]}"
  accepts "$result"/*.spdx.json -- "${ntia[@]}"
  accepts "$result"/*.cdx.json -- "$scratch/cyclonedx"
done
echo "validators: $count files accepted, $refused wrong ones refused"
