"""The 24 vectors of additional cases, one by one: which list a case stands in, and why.

K1 is in force from 2025-07-01 to 2026-06-30 and mapped to W1; K0 ended on 2025-06-30; K2 is mapped
to W2 only. Where nothing else is said a case names all of K1, and 2025-10-01 is asked in W1.
"""

from functools import partial

import pytest

from ledger import Ledger

PARIS = "Europe/Paris"
PERIODS = {
    "K0": ("2024-07-01", "2025-06-30"),
    "K1": ("2025-07-01", "2026-06-30"),
    "K2": ("2025-01-01", "2026-12-31"),
}
EXPIRED, UNMAPPED, CODED = "contract_expired", "contract_not_mapped", "service_code"
BOTH = ("as-of", "case-opened")


def event(id_, type_name, time, **data):
    """One CloudEvent, as the text of a line."""
    told = {"specversion": "1.0", "id": id_, "source": "urn:vectors", "type": type_name}
    return told | {"time": time, "data": data}


def terms():
    """The workspaces, the contracts, their packages and where they are mapped."""
    early = "2024-06-01T00:00:00Z"
    for workspace in ("W1", "W2"):
        told = {"workspace": workspace, "customer": "C", "name": workspace, "timezone": PARIS}
        yield event(workspace, "workspace.created", early, **told)
    for contract, (first, last) in PERIODS.items():
        period = {"contract": contract, "starts_on": first, "ends_on": last}
        told = period | {"customer": "C", "name": contract, "timezone": PARIS}
        yield event(contract, "contract.signed", early, **told)
        workspace = "W2" if contract == "K2" else "W1"
        mapped = {"contract": contract, "workspace": workspace}
        yield event(f"{contract}-map", "contract.mapped", early, **mapped)
        line = {"entitlement": "E", "service": "problem_resolution", "class": "consumable"}
        line |= {"name": "Cases", "unit": "case"}
        bought = period | {"package": f"{contract}/P", "kind": "enterprise", "name": "P"}
        told = bought | {"entitlements": [line]}
        yield event(f"{contract}/P", "package.purchased", early, **told)


def opened(contract="K1", time="2025-08-20T09:00:00Z", **told):
    """The opening of the case that a vector is about."""
    data = {"case": "V", "workspace": "W1", "title": "A vector", "support_type": "reactive"}
    data |= {"contract": contract, "package": f"{contract}/P", "entitlement": "E"} | told
    given = {name: value for name, value in data.items() if value is not None}
    return event("V", "case.opened", time, **given)


advisory = partial(opened, support_type="advisory")
OLD_ADVISORY = advisory("K0", "2025-03-01T09:00:00Z")
EXTENDED = event(
    "longer", "contract.amended", "2025-09-15T00:00:00Z",
    contract="K0", ends_on="2025-12-31", reason="extended",
)  # fmt: skip
TERMINATED = event(
    "ended", "contract.terminated", "2025-08-10T00:00:00Z",
    contract="K1", on="2025-08-15", reason="left",
)  # fmt: skip
LEFT = event("left", "contract.unmapped", "2025-09-01T00:00:00Z", contract="K1", workspace="W1")
RECODED = event(
    "recoded", "case.reclassified", "2025-09-20T09:00:00Z",
    case="V", service_code="NORMAL", reason="triage",
)  # fmt: skip
CANCELLED = event("gone", "case.cancelled", "2025-09-01T09:00:00Z", case="V", reason="a duplicate")

CODED_SU = opened(service_code="SU")
LATE_CODED = advisory("K0", "2025-08-01T09:00:00Z", service_code="DSA")
HALF_PAST_ELEVEN = opened("K0", "2025-06-30T21:30:00Z")  # 23:30 in Paris; July in UTC+3

VECTORS = {
    1: ([opened()], [], []),
    2: ([OLD_ADVISORY], [EXPIRED], []),
    3: ([opened("K0", "2025-07-02T09:00:00Z")], [EXPIRED], [EXPIRED]),
    4: ([HALF_PAST_ELEVEN], [EXPIRED], []),
    5: ([opened("K2")], [UNMAPPED], [UNMAPPED]),
    8: ([opened(contract=None, package="K1/P")], ["missing_contract"], ["missing_contract"]),
    9: ([opened(package=None)], ["missing_package"], ["missing_package"]),
    10: ([opened(package="K0/P")], ["missing_package"], ["missing_package"]),
    11: ([opened(entitlement="X")], ["missing_service"], ["missing_service"]),
    12: ([CODED_SU], [CODED], [CODED]),
    13: ([advisory(service_code=" x85 ")], [CODED], [CODED]),
    14: ([opened(support_type="other", service_code="SU")], None, None),
    15: ([LATE_CODED], [EXPIRED, CODED], [EXPIRED, CODED]),
    16: ([OLD_ADVISORY, EXTENDED], [], []),
    17: ([opened(time="2025-08-01T09:00:00Z"), TERMINATED], [EXPIRED], []),
    18: ([opened(), LEFT], [UNMAPPED], [UNMAPPED]),
    19: ([opened(time="2025-06-28T09:00:00Z")], [], []),
    22: ([CODED_SU, RECODED], [], []),
    23: ([opened(), CANCELLED], None, None),
}
"""By number: what happens, and the reasons by either basis ([] is main, None is neither)."""


@pytest.fixture
def asked(tmp_path):
    """Ask of a ledger that was sent some events: the reasons of the case, [] for main, or None."""
    import json

    def reasons(events, as_of="2025-10-01", workspaces=("W1",), **options):
        with Ledger.create("memory:") as ledger:
            path = tmp_path / "vector.jsonl"
            path.write_text("\n".join(json.dumps(told) for told in [*terms(), *events]))
            assert ledger.ingest([str(path)]).refused == 0
            question = {"as_of": as_of, "workspaces": list(workspaces)} | options
            main = ledger.ask("cases", **question)["rows"]
            others = ledger.ask("additional", **question)["cases"]
            assert len(main) + len(others) <= 1
            return [] if main else others[0]["reasons"] if others else None

    return reasons


@pytest.mark.parametrize("number", VECTORS)
def test_vector(number, asked):
    """The case stands in the list that the vector says, for its reasons, by either basis."""
    events, as_of, at_opening = VECTORS[number]
    assert asked(events) == as_of
    assert asked(events, expiry_basis="case-opened") == at_opening


@pytest.mark.parametrize("basis", BOTH)
def test_vector_6(asked, basis):
    """A wider scope maps nothing: each case is tested against its own workspace."""
    scope = ("W1", "W2")
    assert asked([opened("K2")], workspaces=scope, expiry_basis=basis) == [UNMAPPED]


@pytest.mark.parametrize("basis", BOTH)
def test_vector_7(asked, basis):
    """The same contract is in order where it is mapped."""
    moved = opened("K2", workspace="W2")
    assert asked([moved], workspaces=("W2",), expiry_basis=basis) == []


def test_vector_16_before_it_was_known(asked):
    """Before the extension was recorded, the contract of the case had expired."""
    before = len(list(terms())) + 1
    assert asked([OLD_ADVISORY, EXTENDED], known_at=before) == [EXPIRED]


@pytest.mark.parametrize("basis", BOTH)
def test_vector_20(asked, basis):
    """On the last day of its contract a case is in the main list."""
    assert asked([opened()], as_of="2026-06-30", expiry_basis=basis) == []


def test_vector_21(asked):
    """A day later the contract has expired, but for those who ask of the opening."""
    assert asked([opened()], as_of="2026-07-01") == [EXPIRED]
    assert asked([opened()], as_of="2026-07-01", expiry_basis="case-opened") == []


@pytest.mark.parametrize("basis", BOTH)
def test_vector_24(asked, basis):
    """A viewer who has the page, and no reason to see the case, counts nothing."""
    role = {"principal": "user:nina", "role": "customer_activity", "scope": "workspace:W1"}
    page = event("role", "role.granted", "2025-01-01T00:00:00Z", **role)
    assert asked([page, CODED_SU], viewer="nina", expiry_basis=basis) is None
