"""Events that name somebody, ledgers that are files, and what stands in these files."""

import random
from contextlib import contextmanager

from sending import FOUNDATION, Desk, event


def contact(name, id, full, package="P"):  # noqa: A002
    data = {"package": package, "entitlement": "E", "workspace": "W", "contact": name}
    return event("contact.added", data | {"name": full, "email": f"{name}@example.org"}, id=id)


def course(learner, item="i"):
    data = {"workspace": "W", "learner": learner, "item": item}
    return event("course.started", data, id=f"{item}-{random.Random(learner).getrandbits(64)}")


def role(principal, id="role"):  # noqa: A002
    data = {"principal": principal, "role": "customer_admin", "scope": "customer:A"}
    return event("role.granted", data, id=id)


@contextmanager
def on_disk(folder):
    """A desk whose ledger is a file."""
    made = Desk(f"sqlite:///{folder}/l.db")
    try:
        made.send(*FOUNDATION)
        yield made
    finally:
        made.ledger.close()


def found_in(folder, *needles):
    """Which of these bytes stand in any file of a folder, in capitals or not."""
    contents = [path.read_bytes().lower() for path in folder.iterdir()]
    return [needle for needle in needles if any(needle.lower() in content for content in contents)]
