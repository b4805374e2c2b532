"""Crowds: users with roles, groups and shares, on top of any world; and a ledger that holds it."""

import copy
import json
import tempfile
from contextlib import contextmanager
from pathlib import Path

import worlds
from hypothesis import settings
from hypothesis import strategies as st

from ledger.errors import CpodError
from ledger.ledger import Ledger

NOW = 1_800_000_000 * 10**9  # 2027-01-15: after all that happens in a world
USERS = ("ada", "bob", "cyd", "lea", "mia")  # lea learns and mia is a contact in worlds
GROUPS = ("ops", "dev")
ROLES = (
    "customer_activity",
    "customer_activity",
    "customer_activity",
    "workspace_admin",
    "view_all_requests",
    "learning_manager",
)
DELIVERED = "2025-11-02T12:00:00Z"
LATER = "2199-01-01T00:00:00Z"
SOURCE = "urn:crowd"


def examples(share):
    """Settings that draw a share of what the profile does, at least one."""
    return settings(max_examples=max(1, round(settings.default.max_examples * share)))


@contextmanager
def ledger_of(events, clock=lambda: NOW):
    """A ledger in memory that has ingested events, in their order, as one file."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Ledger.create("memory:", clock=clock, randomness=bytes) as ledger,
    ):
        file = Path(folder) / "events.jsonl"
        file.write_text("".join(f"{json.dumps(event)}\n" for event in events), "utf-8")
        ledger.ingest([str(file)])
        yield ledger


def asked(ledger, view, **question):
    """The answer of a view as bytes; an error is an answer too."""
    try:
        return json.dumps(ledger.ask(view, **question), ensure_ascii=False)
    except CpodError as error:
        return f"{error.code}: {error}"


def add(events, type_, data, time="2017-06-01T00:00:00Z"):
    """Append an event of the crowd to the events that arrive."""
    events.append(
        {"specversion": "1.0", "id": f"c{len(events)}", "source": SOURCE, "type": type_}
        | {"time": time, "data": data}
    )


@st.composite
def crowds(draw):
    """The events of a world, its openings with contacts and groups, then those of a crowd."""
    events = copy.deepcopy(draw(worlds.worlds()))
    users, groups = st.sampled_from(USERS), st.sampled_from(GROUPS)
    for event in events:
        if event["type"] == "case.opened":
            event["data"] |= draw(
                st.just({})
                | st.fixed_dictionaries({"primary_contact": users})
                | st.fixed_dictionaries({"group": groups})
            )
    known = [event["data"] for event in events if event["type"] == "workspace.created"]
    scopes = [f"workspace:{data['workspace']}" for data in known]
    scopes += sorted({f"customer:{data['customer']}" for data in known})
    principals = [f"user:{user}" for user in USERS] + [f"group:{group}" for group in GROUPS]
    time = st.sampled_from(("2017-06-01T00:00:00Z", "2026-06-01T00:00:00Z", LATER))
    for _ in range(draw(st.integers(2, 7))):
        data = {
            "principal": draw(st.sampled_from(principals)),
            "role": draw(st.sampled_from(ROLES)),
            "scope": draw(st.sampled_from(scopes)),
        }
        if data["scope"].startswith("customer:") and draw(st.booleans()):
            data["role"] = "customer_admin"
        add(events, "role.granted", data, draw(time))
        if draw(st.integers(1, 5)) == 1:
            add(events, "role.revoked", data, draw(time))
    for _ in range(draw(st.integers(0, 4))):
        somewhere = draw(st.sampled_from([*(data["workspace"] for data in known), "W-none"]))
        data = {"group": draw(groups), "workspace": somewhere, "user": draw(users)}
        change = draw(st.sampled_from(("added", "added", "removed")))
        add(events, f"group.member_{change}", data, draw(time))
    for _ in range(draw(st.integers(0, 4))):
        data = {"case": draw(st.sampled_from(("C1", "C2", "C3")))}
        data |= draw(
            st.fixed_dictionaries({"user": users}) | st.fixed_dictionaries({"group": groups})
        )
        change = draw(st.sampled_from(("shared", "shared", "unshared")))
        add(events, f"case.{change}", data, draw(time))
    add_deliveries(draw, events, st.sampled_from([data["workspace"] for data in known]))
    return events


def add_deliveries(draw, events, workspaces):
    """Learners, credits and contacts of every workspace, beside those of the world."""
    places = [
        (event["data"]["package"], line["entitlement"], line["unit"])
        for event in events
        if event["type"] == "package.purchased"
        for line in event["data"]["entitlements"]
        if line.get("unit") in {"activity", "credit", "seat"}
    ]
    for _ in range(draw(st.integers(0, 4))):
        data = {"learner": draw(st.sampled_from(USERS)), "item": "AZ-9"}
        add(events, "course.started", data | {"workspace": draw(workspaces)}, DELIVERED)
    for _ in range(draw(st.integers(0, 5)) if places else 0):
        package, entitlement, unit = draw(st.sampled_from(places))
        data = {"package": package, "entitlement": entitlement, "workspace": draw(workspaces)}
        if unit == "credit":
            add(events, "credit.consumed", data | {"credits": 1, "service": "Check"}, DELIVERED)
        elif unit == "seat":
            data["contact"] = draw(st.sampled_from(USERS))
            add(events, "contact.added", data, DELIVERED)
        else:
            data |= {"learner": draw(st.sampled_from(USERS)), "item": "AZ-1"}
            add(events, "course.started", data, DELIVERED)


@st.composite
def dates(draw, events):
    """An as-of near what happens in a world, or after all of it."""
    return draw(
        st.just("2026-12-31") | worlds.questions(events, 0).map(lambda asked: asked["as_of"])
    )


def questions(ledger, as_of, viewer, workspaces):
    """Every question that the views take of a viewer, by its name."""
    scope = {"as_of": as_of, "viewer": viewer, "workspaces": workspaces}
    found = {
        "summary": asked(ledger, "summary", **scope, from_day="2018-01-01"),
        "packages": asked(ledger, "packages", **scope, kind="all", state="all"),
        "contracts": asked(ledger, "contracts", **scope),
        "workspaces": asked(ledger, "workspaces", **scope),
        "unplaced": asked(ledger, "unplaced", **scope),
        "history": asked(ledger, "history", **scope, case="C1"),
        "access_show": asked(ledger, "access_show", **scope, user="bob"),
    }
    for basis in ("as-of", "case-opened"):
        for which in ("main", "additional", "all"):
            found[f"cases {which} {basis}"] = asked(
                ledger, "cases", **scope, which=which, expiry_basis=basis
            )
        found[f"additional {basis}"] = asked(ledger, "additional", **scope, expiry_basis=basis)
    for view in ("engagements", "credits", "education", "contacts", "assessments"):
        found[view] = asked(ledger, view, **scope)
        found[f"{view} sorted"] = asked(ledger, view, **scope, sort="-package", limit=1)
    for number in (1, 2, 3):
        named = {"case": f"C{number}"}
        found[f"case {number}"] = asked(ledger, "cases", **scope, which="all", **named)
        found[f"access_who {number}"] = asked(ledger, "access_who", **scope, **named)
    found |= places(ledger, scope)
    for sort in ("case", "-opened_at", "title", "hours"):
        found[f"cases by {sort}"] = asked(ledger, "cases", **scope, which="all", sort=sort, limit=1)
    found["search"] = asked(ledger, "cases", **scope, which="all", search="case c")
    return found


def places(ledger, scope):
    """The questions about each place: an entitlement, a package, a contract, known or not."""
    found = {}
    packages = ledger.ask("packages", as_of=scope["as_of"], kind="all", state="all")["packages"]
    for package in packages:
        name = package["package"]
        for view in ("cases", "education"):
            found[f"{view} {name}"] = asked(ledger, view, **scope, package=name)
        for line in (*package["consumables"], *package["benefits"]):
            place = {"package": name, "entitlement": line["entitlement"]}
            told = f"{name} {line['entitlement']}"
            found[f"statement {told}"] = asked(ledger, "statement", **scope, **place)
            found[f"cases {told}"] = asked(ledger, "cases", **scope, **place)
            found[f"credits {told}"] = asked(ledger, "credits", **scope, **place)
    for contract in ("K0", "K1", "K-none"):
        named = {"contracts": [contract]}
        found[f"cases of {contract}"] = asked(ledger, "cases", **scope, which="all", **named)
        found[f"additional of {contract}"] = asked(ledger, "additional", **scope, **named)
        found[f"summary of {contract}"] = asked(ledger, "summary", **scope, **named)
    return found
