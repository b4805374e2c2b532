#!/bin/sh
# Build the wheel from a clean clone of what is committed, and use it in an empty environment.
# BIN is the directory of the programs that `make setup` has installed.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
git clone --quiet . "$place/clone"
"$BIN/uv" build --quiet --wheel --no-build-isolation --python "$BIN/python" --out-dir "$place/dist" "$place/clone"
wheel=$(ls "$place"/dist/*.whl)

expect() { # WORDS COMMAND...: what the command prints has these words
	words=$1
	shift
	"$@" >"$place/said" 2>&1 || { echo "$python: $* ended with $?" >&2; cat "$place/said" >&2; exit 1; }
	grep -qF "$words" "$place/said" || { echo "$python: $* does not say $words" >&2; exit 1; }
}

for python in python3.11 python3.12 python3.13 python3.14; do
	"$python" -c '' 2>/dev/null || { echo "$python: not here, not tried"; continue; }
	"$BIN/uv" venv --quiet --python "$python" "$place/$python"
	"$BIN/uv" pip install --quiet --python "$place/$python/bin/python" --no-build \
		--constraint "$place/clone/requirements/dev.txt" "cpod[documents] @ file://$wheel"
	(
		mkdir "$place/work-$python"
		cd "$place/work-$python"
		PATH="$place/$python/bin:$PATH"
		expect '37 lines read' cpod --lang en ingest --init "$place/clone/docs/examples/balances.jsonl"
		expect 'Consumed' cpod --lang en packages --kind all --as-of 2025-06-30
		expect 'Consommé' cpod --lang fr packages --kind all --as-of 2025-06-30
		for language in en fr; do
			expect '' cpod --lang "$language" report K --as-of 2025-06-30 -o "$language.pdf"
			head -c 5 "$language.pdf" | grep -q '%PDF-'
		done
		! cmp -s en.pdf fr.pdf
	)
	echo "$python: the wheel speaks both languages, and makes a report"
done
