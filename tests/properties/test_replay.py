"""A replay tells what each event changed, and an export makes the same ledger elsewhere."""

import re

import worlds
from hypothesis import given
from hypothesis import strategies as st
from oracle import Oracle
from playing import (
    a_folder,
    a_ledger,
    ask_everything,
    in_bytes,
    records,
    send,
)

from ledger import Ledger
from ledger.storage.codec import canonical, parse_json

NAMES = (
    *("granted", "consumed", "expired", "reserved", "remaining", "available", "overage"),
    "delivered_hours",
)


def shown(package):
    return {line["entitlement"]: {name: line[name] for name in NAMES} for line in package}


def balances(oracle, as_of, known_at):
    """What the oracle shows of every consumable, by its place."""
    if known_at == 0:
        return {}
    packages = oracle.packages(as_of, known_at, kind="all", state="all")["packages"]
    return {
        (package["package"], name): figures
        for package in packages
        for name, figures in shown(package["consumables"]).items()
    }


def figures_of(side):
    """The figures of one side of a change; None where the balance is not there."""
    return side and {name: side[name] for name in NAMES}


@given(data=st.data())
def test_each_event_changed_what_the_oracle_says(data):
    """For any world, the changes of an event are those of the answers before and after it."""
    events = data.draw(worlds.worlds())
    with a_ledger() as ledger:
        send(ledger, events)
        oracle = Oracle(records(ledger, events))
        last = len(oracle.records)
        as_of = data.draw(worlds.questions(events, last))["as_of"]
        first = data.draw(st.integers(1, max(1, last)))
        found = ledger.replay(as_of=as_of, first=first)
        walked = []
        was = balances(oracle, as_of, first - 1)
        for row in found.events:
            walked.append(row["position"])
            now = balances(oracle, as_of, row["position"])
            changed = {(each["package"], each["entitlement"]): each for each in row["balances"]}
            differ = {place for place in was | now if was.get(place) != now.get(place)}
            assert changed.keys() >= differ
            for place in differ:
                assert figures_of(changed[place]["before"]) == was.get(place)
                assert figures_of(changed[place]["after"]) == now.get(place)
            was = now
        assert walked == list(range(first, last + 1))


@given(data=st.data())
def test_a_part_of_history_says_the_same_of_its_events(data):
    """The events of one package change the same, whether the others are shown or not."""
    events = data.draw(worlds.worlds())
    with a_ledger() as ledger:
        send(ledger, events)
        whole = {row["position"]: row for row in ledger.replay(as_of="2026-01-01").events}
        packages = ledger.ask("packages", as_of="2026-01-01", kind="all", state="all")["packages"]
        for package in packages[:2]:
            part = ledger.replay(as_of="2026-01-01", packages=[package["package"]])
            for row in part.events:
                assert in_bytes(row) == in_bytes(whole[row["position"]])


@given(data=st.data())
def test_a_ledger_made_from_its_own_export_gives_the_same_answers(data):
    """Exported CloudEvents have the values that were sent, and make the same events elsewhere."""
    events = data.draw(worlds.worlds())
    with a_ledger() as ledger, a_folder() as folder, a_ledger() as other:
        for start in range(0, len(events), 7):
            send(ledger, events[start : start + 7])
        exported = list(ledger.cloudevents(everything=True))
        check_as_sent(ledger, events, exported)
        file = folder / "export.jsonl"
        file.write_bytes(b"".join(line + b"\n" for line in exported))
        receipt = other.ingest([str(file)])
        assert (receipt.refused, receipt.duplicates) == (0, 0)
        assert rows(other) == rows(ledger)
        asked = data.draw(worlds.questions(events, len(exported)))
        known_at = asked["known_at"] or max(1, len(exported))
        if exported:
            asked["known_at"] = known_at
            assert answers(other, asked) == answers(ledger, asked)


def answers(ledger, asked):
    """Every answer but for the stamps, which are those of its own ledger."""
    return re.sub(
        r'"recorded_at": "[^"]*"', '"recorded_at"', in_bytes(ask_everything(ledger, **asked))
    )


def check_as_sent(ledger: Ledger, events, exported):
    """Each line that was exported has the canonical value of the line that was sent."""
    codec = ledger.codec
    sent = {(event["source"], event["id"]): event for event in events}
    for line in exported:
        envelope = codec.receive(line)
        wanted = codec.receive(in_bytes(sent[envelope.source, envelope.id]).encode())
        assert envelope.attributes == wanted.attributes
        assert codec.typed(envelope)[1:] == codec.typed(wanted)[1:]
        assert canonical(parse_json(line)) == line


def rows(ledger):
    return [row._replace(recorded_at=0) for row in ledger.log.read(0, limit=10**6)]
