"""A dry run shows every balance that the run then changes, on any world, and nothing else."""

import json

import worlds
from figures import figures, figures_of
from hypothesis import given
from hypothesis import strategies as st
from playing import a_folder, a_ledger, in_bytes


def balances(ledger, as_of):
    return figures(ledger.ask("packages", as_of=as_of, kind="all", state="all")["packages"])


@given(data=st.data())
def test_a_rehearsal_foresees_the_balances(data):
    """Before and after are what the views say before the run and after it."""
    events = data.draw(worlds.worlds())
    half = data.draw(st.integers(0, len(events)))
    as_of = data.draw(worlds.questions(events, 0))["as_of"]
    with a_ledger() as ledger, a_folder() as folder:
        files = []
        for name, part in (("one", events[:half]), ("two", events[half:])):
            file = folder / name
            file.write_text("".join(f"{json.dumps(event)}\n" for event in part), "utf-8")
            files.append(str(file))
        ledger.ingest([files[0]])
        before = balances(ledger, as_of)
        receipt, changes = ledger.rehearse([files[1]], as_of=as_of)
        assert balances(ledger, as_of) == before
        done = ledger.ingest([files[1]])
        assert receipt.answer() | {"seconds": 0} == done.answer() | {"seconds": 0}
        after = balances(ledger, as_of)
        shown = {(row["package"], row["entitlement"]): row for row in changes}
        differ = {place for place in before | after if before.get(place) != after.get(place)}
        assert shown.keys() >= differ, in_bytes(changes)
        for place, row in shown.items():
            assert figures_of(row["before"]) == before.get(place)
            assert figures_of(row["after"]) == after.get(place)
