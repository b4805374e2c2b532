"""Verdicts: every way to be refused has its code, one sentence, and the line kept as it came."""

import pytest
from sending import (
    FOUNDATION,
    Desk,
    contract,
    counts,
    event,
    grant,
    line,
    mapping,
    opening,
    package,
    reversal,
    transfer,
    workspace,
)

from ledger.domain.refusals import ADVICE, CODES

AS_NEEDED = line("FREE", quantity=None)
BENEFIT = {"entitlement": "B", "service": "other", "class": "benefit", "name": "B"}
ADDED = {"package": "P", **line("E3")}
ADJUSTED = {
    "package": "Q",
    "entitlement": "FREE",
    "quantity": -1,
    "reason": "r",
    "approved_by": "ada",
}
AMENDED = {"contract": "K", "reason": "r"}
ROLE = {"principal": "user:bob", "role": "workspace_admin", "scope": "workspace:W"}
MORE = (
    *FOUNDATION,
    workspace("WB", "B"),
    contract("KB", "B"),
    package("PB", "KB"),
    package("Q", lines=[line("E2"), AS_NEEDED, BENEFIT]),
)
TERMINATED = {"contract": "K", "on": "2024-12-31", "reason": "r"}


def closing(**attributes):
    return event("case.closed", {"case": "C"}, **attributes)


CASES = [
    ("bad-json", b"{"),
    ("bad-json", b'{"a":1,"a":2}'),
    ("bad-json", b'{"a":NaN}'),
    ("bad-json", b'{"a":"\\ud800"}'),
    ("bad-json", b'{"a":"\xff"}'),
    ("bad-json", b"[" * 100_000),
    ("bad-json", b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
    ("line-too-long", b'{"a":"' + b"x" * 2**21 + b'"}'),
    ("not-a-cloudevent", b"7"),
    ("not-a-cloudevent", b"[]"),
    ("not-a-cloudevent", b"{}"),
    ("not-a-cloudevent", closing(time="0000-01-01T00:00:00Z")),
    ("not-a-cloudevent", closing(time="10000-01-01T00:00:00Z")),
    ("not-a-cloudevent", closing(time="2025-02-30T00:00:00Z")),
    ("not-a-cloudevent", closing(time="2025-01-01T00:00:00.1234567890Z")),
    ("not-a-cloudevent", closing(time="2025-01-01T00:00:00")),
    ("not-a-cloudevent", closing(id="x" * 201)),
    ("not-a-cloudevent", closing(id="a\nb")),
    ("not-a-cloudevent", event("case.closed", "C")),
    ("unknown-type", event("case.eaten", {"case": "C"})),
    ("invalid-data", event("case.closed", {"case": "C", "colour": "red"})),
    ("invalid-data", event("case.closed", {"case": 7})),
    ("invalid-data", contract("N", starts_on="2025-02-30")),
    ("invalid-data", contract("N", timezone="Mars/Olympus")),
    ("invalid-data", grant(quantity=0)),
    ("invalid-data", grant(quantity=77).replace(b"77", b"1e400")),
    ("invalid-data", grant(quantity="1.0000000001")),
    ("invalid-data", grant(quantity=10**9)),
    ("invalid-data", package("N", lines=[line(), line()])),
    ("invalid-data", package("N", lines=[BENEFIT | {"quantity": 1}])),
    ("invalid-data", event("role.granted", {**ROLE, "role": "customer_admin"})),
    ("invalid-data", event("case.reassigned", {"case": "C"})),
    ("conflict", workspace("W", "A", id="ws-WB")),
    ("conflict", event("case.eaten", {}, id="ws-W")),
    ("conflict", event("workspace.created", {"workspace": 7}, id="ws-W")),
    ("unknown-contract", mapping("NONE")),
    ("unknown-contract", package("N", "NONE")),
    ("unknown-contract", event("contract.amended", {**AMENDED, "contract": "NONE"})),
    ("unknown-contract", event("contract.renewed", {"contract": "K", "successor": "NONE"})),
    ("unknown-package", grant("NONE")),
    ("unknown-package", transfer(target=("NONE", "E2"))),
    ("unknown-entitlement", grant("P", "NONE")),
    ("unknown-event", reversal("NONE")),
    ("unknown-workspace", mapping("K", "NONE")),
    ("unknown-workspace", event("role.granted", {**ROLE, "scope": "workspace:NONE"})),
    ("already-exists", workspace("W", id="other")),
    ("already-exists", contract("K", id="other")),
    ("already-exists", package("P", id="other")),
    ("already-exists", event("entitlement.added", {**ADDED, "entitlement": "E"})),
    ("not-reversible", reversal("ct-K")),
    ("insufficient-balance", transfer(20.000000001, target=("Q", "E2"))),
    ("not-limited", grant("Q", "FREE")),
    ("not-limited", grant("Q", "B")),
    ("not-limited", event("entitlement.adjusted", ADJUSTED)),
    ("not-limited", transfer(target=("Q", "FREE"))),
    ("other-customer", mapping("K", "WB")),
    ("other-customer", transfer(target=("PB", "E"))),
    ("bad-period", contract("N", ends_on="2024-12-31")),
    ("bad-period", package("N", ends_on="2024-12-31")),
    ("bad-period", event("contract.amended", {**AMENDED, "starts_on": "2026-01-01"})),
    ("bad-period", event("contract.terminated", TERMINATED)),
    ("bad-period", grant(starts_on="2025-02-02", expires_on="2025-02-01")),
    ("not-allowed", event("role.granted", {**ROLE, "granted_by": "eve"})),
]  # fmt: skip


@pytest.fixture(scope="module")
def furnished():
    """A ledger with two customers; what is tried on it is refused, so it stays as it is."""
    desk = Desk()
    assert desk.send(*MORE).refused == 0
    return desk


@pytest.mark.parametrize(
    "code,raw", CASES, ids=[f"{number}-{code}" for number, (code, _) in enumerate(CASES)]
)
def test_each_refusal_has_its_code_and_keeps_the_line(furnished, code, raw):
    """A line that cannot be appended is held byte for byte, with its code and one sentence."""
    before = furnished.log.head()
    receipt = furnished.send(raw)
    assert [group.code for group in receipt.refusals] == [code]
    assert receipt.refusals[0].reason
    assert "\n" not in receipt.refusals[0].reason
    assert len(receipt.refusals[0].reason) < 500
    held = next(held for held in furnished.held() if held.raw == raw)
    assert (held.code, held.file, held.line) == (code, "f.jsonl", 1)
    assert furnished.log.head() == before


def test_already_reversed_is_refused():
    """What is reversed once is not reversed again, also within one batch."""
    receipt = Desk().send(opening(), reversal("open-C"), reversal("open-C", id="again"))
    assert counts(receipt) == (3, 2, 0, 0, 1)
    assert receipt.refusals[0].code == "already-reversed"


def test_every_code_is_tried_and_has_advice_in_both_languages():
    """No code is left without a case above, and each says what to do."""
    assert {code for code, _ in CASES} | {"already-reversed"} == set(CODES) == set(ADVICE)
    assert len(CODES) == len(set(CODES))
    for advice in ADVICE.values():
        assert set(advice) == {"en", "fr"}
        assert all(sentence.endswith(".") and "\n" not in sentence for sentence in advice.values())


def test_the_key_is_judged_before_type_and_data():
    """Under a key that is recorded, other content is a conflict, even where it cannot be typed."""
    desk = Desk()
    desk.send(workspace())
    unknown = event("no.such.type", {}, id="ws-W")
    invalid = event("workspace.created", {"workspace": "W"}, id="ws-W")
    desk.send(unknown, invalid)
    assert desk.codes() == ["conflict", "conflict"]


def test_the_data_is_judged_before_the_terms():
    """A term with wrong data is invalid-data, though its contract is unknown too."""
    desk = Desk()
    desk.send(package("N", "NONE", starts_on="2025-02-30"))
    assert desk.codes() == ["invalid-data"]
