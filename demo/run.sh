#!/bin/sh
# A year of support for one customer, month by month: what the ledger takes in, and what it answers.
#
# `make demo` runs this. The ledger is made anew in build/demo (DEMO_DIR= names another place) and
# stays there. CPOD= names another cpod than the one of .venv.

set -u
cd "$(dirname "$0")/.." || exit 1
CPOD=${CPOD:-.venv/bin/cpod}
DEMO_DIR=${DEMO_DIR:-build/demo}
mkdir -p "$DEMO_DIR" && rm -f "$DEMO_DIR"/cpod.db* || exit 1
case $DEMO_DIR in /*) place=$DEMO_DIR ;; *) place=$PWD/$DEMO_DIR ;; esac
CPOD_LEDGER=sqlite:///$place/cpod.db
export CPOD_LEDGER

say() {
    printf '\n# %s\n' "$*"
    gap=
}

# Run a command as a person would, and stop the demo if it ends in another way than it should.
ends_with() {
    expected=$1
    shift
    printf '%s$ cpod %s\n' "$gap" "$*"
    gap='
'
    $CPOD "$@"
    code=$?
    if [ "$code" -ne "$expected" ]; then
        echo "demo: the command above ended with $code, not with $expected" >&2
        exit 1
    fi
}

ask() {
    ends_with 0 "$@"
}

last_position() {
    $CPOD status --format json | sed -n 's/^ *"position": *\([0-9]*\),*$/\1/p' | head -n 1
}

echo "# Verlaine has shops in Ireland and its head office in Paris. It buys support under three contracts."
say "December 2024: the contracts, what they hold, and who may see what. --init makes the ledger."
ask ingest --init demo/months/2024-12.jsonl
say "January 2025: the first cases, courses and workshops."
ask ingest demo/months/2025-01.jsonl
say "February: one line comes twice, and a package is announced before its contract."
ends_with 1 ingest demo/months/2025-02.jsonl
say "March: the contract comes, and the package that waited for it is taken up by itself."
ask ingest demo/months/2025-03.jsonl
say "April: a delivery is sent again under the same id, with other hours. What is recorded stays."
ends_with 1 ingest demo/months/2025-04.jsonl
say "May: somebody worked for minus thirty minutes."
ends_with 1 ingest demo/months/2025-05.jsonl
say "June: a line was cut off on its way. The others of the file are recorded."
ends_with 1 ingest demo/months/2025-06.jsonl
say "July: a workshop is exchanged for 25 data credits, and the Dublin contract is over."
ask ingest demo/months/2025-07.jsonl
say "August: a transfer of more than what is left is refused."
ends_with 1 ingest demo/months/2025-08.jsonl

august=$(last_position)
say "This is how the group's credits stood on 31 July: 15 of a goodwill grant were lost in June."
ask statement BASE-25 CREDITS --as-of 2025-07-31

say "September brings credits that were used in June, and longer dates for the data package."
ends_with 1 ingest demo/months/2025-09.jsonl
say "October: hours of August come late, and credits are booked on a package that is not there."
ask ingest demo/months/2025-10.jsonl
say "November: an identity review is booked twice, under two ids."
ask ingest demo/months/2025-11.jsonl
say "December: the second booking is reversed, and the next year is signed."
ask ingest demo/months/2025-12.jsonl

say "Everything that was bought for the whole enterprise, in one view, on 15 December."
ask summary --as-of 2025-12-15
say "The same for Dublin: consumed is of all, so that remaining is true; in scope is Dublin's part."
ask summary --as-of 2025-12-15 --workspace verlaine-dublin
say "The add-on packages and what is left of them. The engineer has worked more than was bought."
ask packages --as-of 2025-12-15
say "Of the packages that are over, what was not used has expired."
ask packages --as-of 2025-12-15 --kind all --state inactive

say "Cases outside the contracts, each with its reasons. Dublin's contract ended in June."
ask additional --as-of 2025-12-15
say "Judged by the day on which each case was opened, most of them were covered."
ask additional --as-of 2025-12-15 --expiry-basis case-opened

say "How the credits came to what they are: the June review stands in June, the double one is gone."
ask statement BASE-25 CREDITS --as-of 2025-12-15
say "The credits of 31 July once more, as they are known today: nothing was lost after all."
ask packages --as-of 2025-07-31 --kind enterprise --contract GROUP-25
say "And as they were known at the end of August, at position $august: the same answer as then."
ask packages --as-of 2025-07-31 --kind enterprise --contract GROUP-25 --known-at "$august"

say "The data package on 15 September: as August knew it, over; as it was extended, with all of its rest."
ask packages --as-of 2025-09-15 --package DATA-FAST --state all --known-at "$august"
ask packages --as-of 2025-09-15 --package DATA-FAST --state all

say "Nothing is lost: what was delivered and is in no balance stands here, with its reason."
ask unplaced --as-of 2025-12-15
say "And every line that was refused waits, whole, until somebody corrects it."
ask quarantine list
ask quarantine show 5

say "Nadia sees the page of Paris, and of the cases her own; the page of Dublin is not hers."
ask cases --as nadia --as-of 2025-12-15
ends_with 3 summary --as nadia --workspace verlaine-dublin

say "The answers come from books beside the ledger. Made anew from the events, they are the same."
ask rebuild --check
say "The ledger is in $DEMO_DIR. Ask it yourself: cpod --ledger sqlite:///$DEMO_DIR/cpod.db status"
