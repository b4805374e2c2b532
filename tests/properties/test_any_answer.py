"""Whatever happened and whatever is asked: the product gives the answer of the oracle."""

from comparing import ask_oracle, differences
from drawing import a_question, examples
from hypothesis import given
from hypothesis import strategies as st
from oracle import Oracle
from oracle.civil import instant, instant_text
from playing import START, Clock, a_folder, a_ledger, ask_everything, played, records, send
from worlds import worlds

KINDS = st.sampled_from(("addon", "enterprise", "all"))
STATES = st.sampled_from(("active", "inactive", "all"))
SECOND = 10**9


@examples(2)
@given(events=worlds(), data=st.data())
def test_every_answer_is_the_oracles(events, data):
    """Every view gives the oracle's answer, for any world, arrival, dates and scope."""
    with played(events) as ledger:
        asked = a_question(data, ledger, events)
        expected = ask_oracle(Oracle(records(ledger, events)), **asked)
        assert differences(expected, ask_everything(ledger, **asked)) == []


@examples(0.2)
@given(events=worlds(), data=st.data())
def test_every_answer_from_a_file_is_the_oracles(events, data):
    """A ledger in a file of SQLite, its books beside it, gives the oracle's answers too."""
    with a_folder() as folder, played(events, f"sqlite:///{folder}/l.db") as ledger:
        asked = a_question(data, ledger, events)
        expected = ask_oracle(Oracle(records(ledger, events)), **asked)
        assert differences(expected, ask_everything(ledger, **asked)) == []


@examples(0.5)
@given(events=worlds(), kind=KINDS, state=STATES, data=st.data())
def test_every_filter_of_packages_is_the_oracles(events, kind, state, data):
    """Kind, state, contract, package and workspace keep what the oracle keeps."""
    with played(events) as ledger:
        oracle = Oracle(records(ledger, events))
        asked = a_question(data, ledger, events)
        asked.pop("basis")
        for one in packages_to_ask_for(data, oracle, asked):
            expected = oracle.packages(**asked, kind=kind, state=state, **one)
            named = {f"{name}s": [value] for name, value in one.items()}
            options = asked | {"workspaces": asked["workspaces"] or ()}
            actual = ledger.ask("packages", **options, kind=kind, state=state, **named)
            assert differences(expected, actual) == []


def packages_to_ask_for(data, oracle, asked):
    """No filter, one package, and its contract."""
    question = oracle.question(asked["as_of"], asked["known_at"])
    known = [event.data for event in question.knowledge.recorded if "entitlements" in event.data]
    if not known:
        return [{}]
    one = data.draw(st.sampled_from(known), label="package")
    return [{}, {"package": one["package"]}, {"contract": one["contract"]}]


@examples(0.5)
@given(events=worlds(), days=st.integers(0, 400), data=st.data())
def test_expiring_keeps_what_ends_soon(events, days, data):
    """`expiring` keeps the active packages that have no more than so many days left."""
    with played(events) as ledger:
        asked = a_question(data, ledger, events)
        when = {"as_of": asked["as_of"], "known_at": asked["known_at"], "kind": "all"}
        every = ledger.ask("packages", **when)["packages"]
        soon = ledger.ask("packages", **when, expiring=days)["packages"]
        assert soon == [package for package in every if package["days_left"] <= days]


@examples(0.5)
@given(events=worlds(), data=st.data())
def test_summary_of_one_contract_is_the_oracles(events, data):
    """A summary narrowed to contracts is the oracle's."""
    with played(events) as ledger:
        oracle = Oracle(records(ledger, events))
        asked = a_question(data, ledger, events)
        asked.pop("basis")
        names = oracle.question(asked["as_of"], asked["known_at"]).all_contracts()
        if names:
            one = [data.draw(st.sampled_from(names), label="contract")]
            options = asked | {"workspaces": asked["workspaces"] or ()}
            actual = ledger.ask("summary", **options, contracts=one)
            assert differences(oracle.summary(**asked, contracts=one), actual) == []


@examples(0.5)
@given(
    events=worlds(),
    waits=st.lists(st.sampled_from((0, 1, 3_600 * SECOND, 86_400 * SECOND)), min_size=3),
    data=st.data(),
)
def test_known_at_names_the_last_position_recorded_by_then(events, waits, data):
    """An instant or a date of knowledge is answered as the position that it names."""
    clock = Clock()
    with a_ledger(clock=clock) as ledger:
        for number, wait in enumerate(waits):
            clock.now += wait
            share = -(-len(events) // len(waits))
            send(ledger, events[number * share : (number + 1) * share])
        clock.now += SECOND
        held = records(ledger, events)
        stamp = data.draw(st.sampled_from([START, *(record.recorded_at for record in held)]))
        moment = stamp + data.draw(st.sampled_from((-1, 0, 1)))
        known = sum(record.recorded_at <= moment for record in held)
        as_of = data.draw(worlds_as_of(events))
        answer = ledger.ask("packages", as_of=as_of, known_at=instant_text(moment), kind="all")
        by_position = ledger.ask("packages", as_of=as_of, known_at=known, kind="all")
        assert answer == by_position | {"known_at": instant_text(moment)}
        day = instant_text(stamp)[:10]
        end = min(instant(f"{day}T00:00:00Z") + 86_400 * SECOND - 1, clock.now)
        known = sum(record.recorded_at <= end for record in held)
        assert ledger.ask("unplaced", as_of=as_of, known_at=day)["position"] == known


def worlds_as_of(events):
    """A strategy for the times of events."""
    return st.sampled_from([event["time"] for event in events])
