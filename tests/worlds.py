"""Small, nasty worlds: strategies for events in an order of arrival, and for questions."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st
from oracle.civil import NANOSECONDS, day_start, instant, instant_text, is_date

SOURCE = "urn:world"
TWIN = "urn:twin"
ZONES = (  # the first are everywhere; the others skip or repeat a midnight, or a whole day
    *("UTC", "Europe/Paris", "America/New_York", "America/Sao_Paulo", "Africa/Cairo"),
    *("America/St_Johns", "America/Havana", "America/Asuncion", "Asia/Beirut", "Asia/Tehran"),
    *("Atlantic/Azores", "Pacific/Apia"),
)
SEASONS = (  # days on which midnight is skipped or repeated, clocks change, years turn or leap
    (
        "2018-10-28",
        "2018-11-03",
        "2018-11-04",
        "2018-11-05",
        "2018-12-31",
        "2019-02-16",
        "2019-02-17",
    ),
    (
        "2023-04-27",
        "2023-04-28",
        "2023-10-26",
        "2023-10-27",
        "2023-10-29",
        "2023-12-31",
        "2024-02-29",
    ),
    (
        "2025-03-09",
        "2025-03-30",
        "2025-03-31",
        "2025-04-24",
        "2025-04-25",
        "2025-10-31",
        "2025-11-02",
    ),
    (
        "2010-03-14",
        "2010-11-07",
        "2010-12-31",
        "2011-09-24",
        "2011-12-29",
        "2011-12-30",
        "2011-12-31",
    ),
    (
        "2021-03-22",
        "2021-09-22",
        "2022-03-21",
        "2022-03-27",
        "2022-10-02",
        "2022-11-06",
        "2022-12-31",
    ),
)
QUANTITIES = ("1", 2, "0.1", "0.2", "0.333333333", "0.000000001", 5, "7.50", "10", "2.5")
CATALOGUE = {  # entitlement: (unit, services)
    "CASES": ("case", ("problem_resolution", "advisory")),
    "HOURS": ("hour", ("support_assistance", "problem_resolution", "dse")),
    "CREDITS": ("credit", ("proactive_credits",)),
    "WORKSHOPS": ("engagement", ("workshop", "proactive_service")),
    "EACH": ("each", ("assessment_setup", "other")),
    "COURSES": ("activity", ("on_demand_education",)),
    "SEATS": ("seat", ("support_contacts",)),
    "ASSESSMENTS": ("assessment", ("on_demand_assessment",)),
    "SDM": (None, ("other", "advisory")),
}
CASE_UNITS, ENGAGEMENT_UNITS = ("case", "hour"), ("engagement", "hour", "each", "credit")
OFFSETS = (0, 120, -300, 330)  # minutes


def spelled(nanoseconds, offset):
    """An instant as RFC 3339 text with an offset in minutes: a day of UTC may end with a leap."""
    if offset == 0:
        return instant_text(nanoseconds)
    local = instant_text(nanoseconds + offset * 60 * NANOSECONDS).removesuffix("Z")
    if (nanoseconds + 1) % (86_400 * NANOSECONDS) == 0:
        local = local.replace(":59.999999999", ":60")
    return f"{local}{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"


class World:
    """One world while it is drawn: its choices, and its events with the waves they arrive in."""

    def __init__(self, draw):
        self.draw = draw
        self.arrivals = []
        self.days = self.pick(SEASONS)
        zones = draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=3))
        self.contracts = {f"K{number}": zone for number, zone in enumerate(zones)}
        self.workspaces = [f"W{number}" for number in range(draw(st.integers(1, 3)))]
        self.other_customers = self.rarely(5)
        self.lines = []  # (package, entitlement, unit, limited)
        self.packages = []
        every = interesting_instants(self.days, tuple(sorted(set(zones))))
        self.instants = draw(st.lists(st.sampled_from(every), min_size=4, max_size=9))

    def pick(self, choices):
        return self.draw(st.sampled_from(choices))

    def rarely(self, one_in=6):
        """True once in a while; false in the simplest world."""
        return self.draw(st.integers(1, one_in)) == one_in

    def often(self):
        """False once in a while; true in the simplest world."""
        return not self.rarely(4)

    def customer(self):
        return "globex" if self.other_customers and self.rarely(3) else "acme"

    def quantity(self):
        return self.pick(QUANTITIES)

    def time(self):
        return spelled(self.pick(self.instants), self.pick(OFFSETS))

    def early(self):
        """A time before everything, but for a few terms that are dated like the facts."""
        return self.time() if self.rarely(20) else f"{self.days[0][:4]}-01-01T00:00:00Z"

    def period(self):
        """Two days in order: mostly some time apart, now and then one and the same."""
        if self.often():
            return self.pick(self.days[:3]), self.pick(self.days[3:])
        first, last = sorted((self.pick(self.days), self.pick(self.days)))
        return first, last

    def add(self, wave, type_, data, time=None):
        """Let an event arrive; now and then another source gives it the id of the one before."""
        number = len(self.arrivals) + 1
        source, id_ = (TWIN, f"e{number - 1}") if self.rarely(12) else (SOURCE, f"e{number}")
        event = {"specversion": "1.0", "id": id_, "source": source, "type": type_}
        event |= {"time": time or self.time(), "data": data}
        self.arrivals.append((wave, number, event))
        return event

    def place(self, units):
        """A package and an entitlement: mostly of a unit that fits, else whatever, known or not."""
        fitting = [line[:2] for line in self.lines if line[2] in units]
        if fitting and self.often():
            return self.pick(fitting)
        return self.pick([*self.packages, "P-none"]), self.pick([*CATALOGUE, "NONE"])

    def limited_line(self):
        limited = [line[:2] for line in self.lines if line[3]]
        return self.pick(limited) if limited and self.often() else self.place(CASE_UNITS)

    def in_arrival_order(self):
        return [event for _, _, event in sorted(self.arrivals, key=lambda arrival: arrival[:2])]


_INSTANTS = {}


def interesting_instants(days, zones):
    """Local midnights, the nanoseconds around them, the hours that clocks repeat, and noon."""
    if (days, zones) not in _INSTANTS:
        found = set()
        for day in map(date.fromisoformat, days):
            noon = (
                int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp())
                * NANOSECONDS
            )
            found.add(noon)
            for zone in zones:
                for shown in (day, day + timedelta(days=1)):
                    start = day_start(shown, zone)
                    found |= {start, start - 1, start + 1, start - 1800 * NANOSECONDS}
        _INSTANTS[days, zones] = sorted(found)
    return _INSTANTS[days, zones]


@st.composite
def worlds(draw):
    """Event dicts as they arrive: terms mostly before what needs them, facts in any order."""
    world = World(draw)
    add_workspaces_and_contracts(world)
    add_packages(world)
    for _ in range(draw(st.integers(0, 7))):
        world.pick(TERMS)(world)
    subjects = (an_engagement,) if world.rarely(5) else SUBJECTS  # so that they meet and wander
    for _ in range(draw(st.integers(3, 6))):
        world.pick(subjects)(world)
    if world.rarely(3):
        add_reversals(world)
    return world.in_arrival_order()


@st.composite
def questions(draw, events, last_position):
    """Two dates near what happens in some events: as_of, and known_at, a position or None."""
    times, days = times_and_days(events)
    by_day = draw(st.booleans())
    near = sorted(days | {instant_text(time)[:10] for time in times}) if by_day else sorted(times)
    late = near[-4:] if draw(st.booleans()) else near
    if by_day:
        as_of = draw(st.sampled_from(late))
    else:
        time = draw(st.sampled_from(late)) + draw(st.sampled_from((0, -1, 1)))
        as_of = spelled(time, draw(st.sampled_from(OFFSETS)))
    known_at = draw(st.none() | st.integers(1, last_position)) if last_position else None
    return {"as_of": as_of, "known_at": known_at}


def times_and_days(events):
    """The times of some events, and the dates in their data."""
    times, days = set(), set()
    for event in events:
        times.add(instant(event["time"]))
        days |= {
            value for value in event["data"].values() if isinstance(value, str) and is_date(value)
        }
    return times, days


def scopes(events):
    """A strategy for the workspaces that a question is about: None, or some that exist."""
    known = sorted({e["data"]["workspace"] for e in events if e["type"] == "workspace.created"})
    return st.none() | st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True)


# terms at the beginning


def add_workspaces_and_contracts(world):
    for workspace in world.workspaces:
        data = {
            "workspace": workspace,
            "customer": world.customer(),
            "name": workspace,
        }
        if world.rarely(2):
            data["timezone"] = world.pick(ZONES)
        world.add(6 if world.rarely(12) else 0, "workspace.created", data, world.early())
    for contract, zone in world.contracts.items():
        first, last = world.period()
        data = {
            "contract": contract,
            "customer": world.customer(),
            "name": contract,
        }
        data |= {"starts_on": first, "ends_on": None if world.rarely(5) else last, "timezone": zone}
        world.add(6 if world.rarely(10) else 0, "contract.signed", data, world.early())
        for workspace in world.workspaces:
            if world.often():
                data = {"contract": contract, "workspace": workspace}
                world.add(1, "contract.mapped", data, world.early())


def add_packages(world):
    for contract in world.contracts:
        for number in range(2 if world.rarely(3) else 1):
            package = f"{contract}/P{number}"
            world.packages.append(package)
            first, last = world.period()
            names = world.draw(
                st.lists(st.sampled_from(list(CATALOGUE)), min_size=3, max_size=6, unique=True)
            )
            data = {
                "contract": contract,
                "package": package,
                "kind": world.pick(("enterprise", "addon")),
            }
            data |= {"name": package, "starts_on": first, "ends_on": last}
            data["entitlements"] = [entitlement(world, package, name) for name in names]
            world.add(7 if world.rarely(10) else 1, "package.purchased", data, world.early())


def entitlement(world, package, name):
    """The fields of a line of a package, which the world remembers."""
    unit, services = CATALOGUE[name]
    data = {"entitlement": name, "service": world.pick(services), "name": name.title()}
    data["class"] = "consumable" if unit else "benefit"
    if unit is None:
        return data | {"description": "Listed only"}
    data["unit"] = unit
    if world.often():
        data["quantity"] = world.pick((0, *QUANTITIES))
    if unit == "hour":
        if world.rarely(2):
            data["draw_increment"] = world.pick(("1", "0.25", "0.333333333"))
        if world.rarely(3):
            data["cap_per_case"] = world.pick(("0.5", 2))
    world.lines.append((package, name, unit, "quantity" in data))
    return data


# terms later on


def grant(world):
    package, name = world.limited_line()
    data = {"package": package, "entitlement": name, "quantity": world.quantity(), "reason": "gift"}
    first, last = world.period()
    if world.rarely(2):
        data["starts_on"] = first
    if world.rarely(2):
        data["expires_on"] = last
    if world.rarely(3):
        data["priority"] = world.pick((-1, 1, 2))
    world.add(2, "entitlement.granted", data, world.early())


def adjust(world):
    package, name = world.limited_line()
    sign = "-" if world.draw(st.booleans()) else ""
    data = {"package": package, "entitlement": name, "quantity": f"{sign}{world.quantity()}"}
    world.add(3, "entitlement.adjusted", data | {"reason": "miscount", "approved_by": "ada"})


def transfer(world):
    legs = [
        dict(zip(("package", "entitlement"), world.limited_line(), strict=True)) for _ in range(2)
    ]
    data = {
        "from": legs[0],
        "to": legs[1],
        "quantity": world.pick(("0.1", 1, "0.000000001", "0.000000003", "0.333333333", 2)),
    }
    if world.rarely(2):
        data["rate"] = world.pick((2, "0.5", "0.333333333"))
    world.add(3, "entitlement.transferred", data | {"authorised_by": "ada", "reason": "need"})


def amend_package(world):
    first, last = world.period()
    data = {"package": world.pick(world.packages), "reason": "true-up"}
    data |= world.pick(
        ({"starts_on": first}, {"ends_on": last}, {"starts_on": first, "ends_on": last})
    )
    world.add(3, "package.amended", data)


def amend_contract(world):
    data = {"contract": world.pick(list(world.contracts)), "reason": "rider"}
    data |= world.pick(
        (
            {"ends_on": None},
            {"ends_on": world.days[-1]},
            {"starts_on": world.days[0]},
            {"name": "New"},
        )
    )
    world.add(3, "contract.amended", data)


def terminate(world):
    data = {
        "contract": world.pick(list(world.contracts)),
        "on": world.pick(world.days),
        "reason": "left",
    }
    world.add(3, "contract.terminated", data)


def deactivate(world):
    package = world.pick(world.packages)
    world.add(3, "package.deactivated", {"package": package, "reason": "pause"})
    if world.rarely(2):
        world.add(3, "package.reactivated", {"package": package, "reason": "resumed"})


def withdraw(world):
    package, name = world.limited_line()
    data = {"package": package, "entitlement": name, "reason": "wrong line", "authorised_by": "ada"}
    world.add(4, "entitlement.withdrawn", data)
    if world.rarely(2):
        add_line(world, package, name if name in CATALOGUE else "EACH")


def add_line(world, package=None, name=None):
    package, name = package or world.pick(world.packages), name or world.pick(list(CATALOGUE))
    world.add(
        4,
        "entitlement.added",
        {"package": package} | entitlement(world, package, name),
        world.early(),
    )


def map_or_unmap(world):
    data = {
        "contract": world.pick(list(world.contracts)),
        "workspace": world.pick(world.workspaces),
    }
    world.add(3, f"contract.{world.pick(('unmapped', 'mapped'))}", data)


def renew(world):
    contracts = list(world.contracts)
    world.add(
        3,
        "contract.renewed",
        {"contract": world.pick(contracts), "successor": world.pick(contracts)},
    )


def grant_role(world):
    scope = world.pick(("customer:acme", "workspace:W0", "workspace:W1", "customer:globex"))
    role = "workspace_admin" if scope.startswith("workspace") else "customer_admin"
    data = {
        "principal": world.pick(("user:ada", "user:bob", "group:ops")),
        "role": role,
        "scope": scope,
    }
    if world.rarely(2):
        data["granted_by"] = world.pick(("ada", "user:bob"))
    world.add(3, world.pick(("role.granted", "role.granted", "role.revoked")), data)
    if data["principal"] == "group:ops":
        member = {"group": "ops", "workspace": world.workspaces[0], "user": "ada"}
        world.add(3, "group.member_added", member)
        if world.rarely(2):
            world.add(3, "group.member_removed", member | {"workspace": world.workspaces[-1]})


TERMS = (
    grant, grant, grant, adjust, adjust, transfer, transfer, amend_package, amend_package,
    amend_contract, terminate, deactivate, withdraw, add_line, map_or_unmap, renew, grant_role,
)  # fmt: skip


# facts


def fact(world, type_, data):
    """A fact, arriving in any order among the facts, and now and then before the terms."""
    wave = -1 if world.rarely(8) else world.draw(st.integers(4, 9))
    world.add(wave, type_, data)


def a_case(world):
    """One case: what happens to it, mostly with an opening somewhere."""
    case = world.pick(("C1", "C2", "C3"))
    if not world.rarely(8):
        open_case(world, case)
    for _ in range(world.draw(st.integers(0, 6))):
        world.pick(CASE_STEPS)(world, case)


def open_case(world, case):
    data = {
        "case": case,
        "workspace": world.pick([*world.workspaces, "W-none"]),
        "title": f"Case {case}",
    }
    data["support_type"] = world.pick(("reactive", "advisory", "reactive", "other"))
    package, name = world.place(CASE_UNITS)
    if not world.rarely(6):
        data["contract"] = (
            package.split("/")[0] if world.often() else world.pick([*world.contracts, "K-none"])
        )
    if not world.rarely(8):
        data["package"] = package
    if not world.rarely(8):
        data["entitlement"] = name
    if world.rarely(4):
        data["service_code"] = world.pick((" x85 ", "SU", "NORMAL"))
    if world.rarely(3):
        data["severity"] = "A"
    fact(world, "case.opened", data)


def record_labour(world, case):
    minutes = world.pick((10, 20, 61, 60, 1, 7))
    fact(world, "case.labour_recorded", {"case": case, "minutes": minutes, "engineer": "eve"})


def reassign(world, case):
    package, name = world.place(CASE_UNITS)
    data = world.pick((
        {"package": package, "entitlement": name},
        {"contract": package.split("/")[0], "package": package, "entitlement": name},
        {"workspace": world.pick(world.workspaces)},
        {"workspace": world.pick(world.workspaces), "package": package, "entitlement": name},
        {"entitlement": name},
        {"entitlement": None},
        {"package": None},
        {"contract": None},
        {"workspace": None},
        {"contract": None, "package": None, "entitlement": None},
    ))  # fmt: skip
    fact(world, "case.reassigned", {"case": case} | data)


def reclassify(world, case):
    data = world.pick(
        ({"service_code": "DSA"}, {"service_code": None}, {"support_type": "advisory"})
    )
    fact(world, "case.reclassified", {"case": case, "reason": "triage"} | data)


def update_case(world, case):
    data = world.pick(
        ({"title": "New"}, {"severity": "B"}, {"status": "Waiting"}, {"product": "SQL"})
    )
    fact(world, "case.updated", {"case": case} | data)


def turn_case(world, case):
    """Close, cancel, waive, and back."""
    turns = ("cancelled", "reopened", "charge_waived", "charge_restored", "closed", "reopened")
    turn = world.pick(turns)
    fact(world, f"case.{turn}", {"case": case} | ({"reason": "why"} if "charge" in turn else {}))


CASE_STEPS = (
    record_labour, record_labour, record_labour, reassign, reassign, turn_case, turn_case,
    turn_case, reclassify, update_case, open_case,
)  # fmt: skip


def an_engagement(world):
    """One engagement: schedules, deliveries and cancellations in any number and order."""
    engagement, kind = (
        world.pick(("E1", "E2")),
        world.pick(("workshop", "dse", "proactive_service")),
    )
    for _ in range(world.draw(st.integers(1, 4))):
        data = {"engagement": engagement}
        step = world.pick(("scheduled", "delivered", "delivered", "cancelled"))
        place = dict(zip(("package", "entitlement"), world.place(ENGAGEMENT_UNITS), strict=True))
        if step == "scheduled":
            data |= place | {"workspace": world.pick(world.workspaces), "title": "Day"}
            data["quantity"] = world.pick((0, *QUANTITIES))
        elif step == "delivered":
            data["hours"] = world.pick((0, "5.5", 2, "0.333333333"))
            if world.rarely(2):
                data["quantity"] = world.pick((0, *QUANTITIES))
            if world.rarely(2):
                data["final"] = world.draw(st.booleans())
            if world.rarely(2):
                data |= place | {"workspace": world.pick(world.workspaces)}
            elif world.rarely(4):
                data["entitlement"] = place["entitlement"]
        elif world.rarely(2):
            data["charge"] = world.quantity()
        fact(world, f"{kind}.{step}", data)


def some_credits(world):
    for _ in range(world.draw(st.integers(1, 4))):
        package, name = world.place(("credit",))
        data = {"package": package, "entitlement": name, "workspace": world.pick(world.workspaces)}
        data["credits"] = world.quantity()
        if world.rarely(3):
            fact(world, "credit.refunded", data | {"reason": "not rendered"})
        else:
            hours = {"hours": "1.5"} if world.rarely(3) else {}
            fact(world, "credit.consumed", data | {"service": "Check"} | hours)


def some_courses(world):
    for _ in range(world.draw(st.integers(1, 3))):
        data = {
            "workspace": world.pick(world.workspaces),
            "learner": world.pick(("lea", "leo")),
            "item": "AZ-1",
        }
        if not world.rarely(5):
            data["package"], data["entitlement"] = world.place(("activity",))
        fact(world, world.pick(("course.started", "course.started", "course.completed")), data)


def some_contacts(world):
    package, name = world.place(("seat",))
    for _ in range(world.draw(st.integers(1, 4))):
        data = {"package": package, "entitlement": name, "workspace": world.pick(world.workspaces)}
        data["contact"] = world.pick(("mia", "tom"))
        fact(world, world.pick(("contact.added", "contact.added", "contact.removed")), data)


def some_assessments(world):
    for _ in range(world.draw(st.integers(1, 3))):
        data = {"workspace": world.pick(world.workspaces), "technology": world.pick(("AD", "SQL"))}
        data["environment"] = world.pick(("prod", "test"))
        if not world.rarely(5):
            data["package"], data["entitlement"] = world.place(("assessment",))
        step = world.pick(("configured", "configured", "run", "removed"))
        fact(world, f"assessment.{step}", data)


SUBJECTS = (
    a_case, a_case, a_case, a_case, an_engagement, an_engagement, an_engagement, some_credits,
    some_credits, some_credits, some_courses, some_contacts, some_assessments,
)  # fmt: skip


def is_reversible(type_):
    """Whether a reversal of an event of this type may be accepted."""
    return type_.split(".")[0] not in ("workspace", "role", "contract", "package", "event") and (
        type_ not in ("entitlement.added", "entitlement.withdrawn", "entitlement.transferred")
    )


def add_reversals(world):
    """Reversals of some events, allowed or not, one of them perhaps twice."""
    for _ in range(world.draw(st.integers(1, 3))):
        drawn = [event for _, _, event in world.arrivals]
        event = world.pick(
            [e for e in drawn if is_reversible(e["type"])] if world.often() else drawn
        )
        data = {
            "reverses": {"source": event["source"], "id": event["id"]},
            "reason": "typo",
            "authorised_by": "ada",
        }
        world.add(world.draw(st.integers(5, 10)), "event.reversed", data)
