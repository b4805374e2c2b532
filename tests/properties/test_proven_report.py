"""A report with its proof: on any world it verifies, and whatever is changed in it is found."""

import copy

import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as st
from playing import a_ledger, send

from cli.documents.report.formats import canonical
from ledger.audit.verify_report import verify_report
from ledger.errors import NotFound, ProofFailed
from ledger.proof.forms import new_key

KEY = new_key("ledger.example/world", bytes(range(32)))
OF_THE_QUESTION = ("as_of", "expiry_basis")
"""What a report is asked for: another one may be as true."""


def proven(data):
    """A world, and the reports of all its contracts for two dates, each with its proof."""
    events = data.draw(worlds.worlds())
    with a_ledger() as ledger:
        send(ledger, events)
        last = ledger.log.head().position
        asked = data.draw(worlds.questions(events, last))
        asked["known_at"] = asked["known_at"] or last
        basis = data.draw(st.sampled_from(("as-of", "case-opened")))
        ledger.seal(KEY)
        found = []
        for contract in sorted({e["data"]["contract"] for e in events if e["type"] == SIGNED}):
            try:
                plain = ledger.ask("report", **asked, contracts=[contract], expiry_basis=basis)
            except NotFound:
                continue
            report = ledger.prove_report(contract, **asked, expiry_basis=basis)
            assert {name: report[name] for name in report if name != "proof"} == plain
            found.append(report)
        return found


SIGNED = "contract.signed"


def places(value, path=()):
    """The path to every value within a value that holds no other."""
    if isinstance(value, dict | list) and value:
        names = value if isinstance(value, dict) else range(len(value))
        return [place for name in names for place in places(value[name], (*path, name))]
    return [path]


def at(report, path):
    """What stands at a path."""
    for name in path:
        report = report[name]
    return report


def put(report, path, value):
    """The same report with another value at a path."""
    changed = copy.deepcopy(report)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def another(data, value):
    """Another value, of the same kind or not."""
    if isinstance(value, str) and value:
        place = data.draw(st.integers(0, len(value) - 1))
        sign = "1" if value[place] != "1" else "2"
        return data.draw(
            st.sampled_from((value[:place] + sign + value[place + 1 :], value + "0", value[1:], 7))
        )
    if isinstance(value, int):
        return data.draw(st.sampled_from((value + 1, str(value), None)))
    return data.draw(st.sampled_from(("0", 1, [0], {"a": 1})))


@given(data=st.data())
def test_the_report_of_any_contract_verifies(data):
    """For any world, dates and contract, nothing but the events inside gives the same report."""
    for report in proven(data):
        holds = verify_report(canonical(report), [KEY.verifier])
        assert holds["contract"] == report["contract"]["contract"]
        carried = [len(stream["events"]) for stream in report["proof"]["streams"]]
        assert holds["events"] == sum(carried) >= 1


@given(data=st.data())
def test_whatever_is_changed_is_found(data):
    """One value of the numbers, the events, the hashes or the checkpoint: it is not believed."""
    for report in proven(data):
        every = [path for path in places(report) if path[0] not in OF_THE_QUESTION]
        inside = [path for path in every if path[0] == "proof"]
        for path in (data.draw(st.sampled_from(every)), data.draw(st.sampled_from(inside))):
            changed = put(report, path, another(data, at(report, path)))
            with pytest.raises(ProofFailed):
                verify_report(canonical(changed), [KEY.verifier])


@given(data=st.data())
def test_whatever_is_moved_added_or_left_out_is_found(data):
    """An event or a line that is gone, is there twice, or stands elsewhere: it is not believed."""
    for report in proven(data):
        lists = [path[:-1] for path in places(report) if isinstance(path[-1], int)]
        lists += [path[:n] for path in places(report) for n in range(1, len(path))]
        path = data.draw(
            st.sampled_from([one for one in lists if one and isinstance(at(report, one), list)])
        )
        values = at(report, path)
        place = data.draw(st.integers(0, len(values) - 1))
        ways = [values[:place] + values[place + 1 :], [*values, values[place]]]
        ways += [values[::-1]] if len(values) > 1 and values != values[::-1] else []
        with pytest.raises(ProofFailed):
            verify_report(
                canonical(put(report, path, data.draw(st.sampled_from(ways)))), [KEY.verifier]
            )
