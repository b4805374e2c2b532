"""Persons: which fields of an event say who somebody is, and who that is.

A person is one id, whatever its part in an event: `ada` and `user:ada` are one person, and
`group:ID` is none. What marks an erased person is no id, of a group neither: it names nobody.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple, get_args
from unicodedata import normalize

from pydantic import BaseModel

_USER: Final = "user:"
_GROUP: Final = "group:"

ERASED_MARK: Final = "\ufdd0"
"""Begins what is read in the place of a text of an erased person: no character of any script."""

_SENT_ON: Final = re.compile(r"\(erased:[0-9a-f]{16}\)")
"""What stands in exported events in its place: a ledger that is made of them counts the same."""

_MARK: Final = re.compile(r"(?:user:|group:)*\((?:erased|effacé)(?::.*)?\)")
"""Every mark that people or programs are shown, in the languages of the command line."""


class Personal:
    """Marks a field that says who a person is: it is stored apart, so that it can be erased."""

    def __init__(self, *, of: str | None = None, may_be_a_group: bool = False) -> None:
        """Say whose field it is.

        `of` names the field that holds the person's id; None: it is the id itself, with `user:` or
        without. Where it may be a group, `group:ID` is no person.
        """
        self.of = of
        self.may_be_a_group = may_be_a_group


class PersonalField(NamedTuple):
    """A field of a type of events, with its mark."""

    name: str
    mark: Personal


class PersonalValue(NamedTuple):
    """What one field of an event says of a person."""

    field: str
    person: str
    """The id of the person."""
    prefix: str
    """`user:` where the id is written so, else nothing."""
    text: str
    """What the field says, after the prefix."""


@lru_cache(maxsize=256)
def personal_fields(kind: type[BaseModel]) -> tuple[PersonalField, ...]:
    """Return the marked fields of a type of events, sorted by name."""
    return tuple(
        PersonalField(name, mark)
        for name, field in sorted(kind.model_fields.items())
        for mark in _marks(field.metadata, field.annotation)
    )


def _marks(metadata: list[object], annotation: object) -> list[Personal]:
    """Return the marks of a field, those within `... | None` too."""
    inside = [found for part in get_args(annotation) for found in getattr(part, "__metadata__", ())]
    return [mark for mark in (*metadata, *inside) if isinstance(mark, Personal)]


def personal_values(event: BaseModel, fields: tuple[PersonalField, ...]) -> list[PersonalValue]:
    """Return what the marked fields of an event say; one that is empty or a group says nothing."""
    found = []
    for name, mark in fields:
        text: str | None = getattr(event, name)
        if not text or (mark.may_be_a_group and text.startswith(_GROUP)):
            continue
        if mark.of is None:
            person = person_of(text)
            prefix = text.removesuffix(person)
            found.append(PersonalValue(name, person, prefix, person))
        else:
            found.append(PersonalValue(name, person_of(getattr(event, mark.of)), "", text))
    return found


def group_fields(kind: type[BaseModel]) -> tuple[str, ...]:
    """Return the fields of a type of events that may name a group: `group`, or as `group:ID`."""
    named = [name for name, mark in personal_fields(kind) if mark.may_be_a_group]
    return ("group", *named) if "group" in kind.model_fields else tuple(named)


def group_values(event: BaseModel, fields: tuple[str, ...]) -> list[PersonalValue]:
    """Return what fields of an event say of groups, each as `group:ID`: that of no person."""
    said = [(name, getattr(event, name)) for name in fields]
    return [
        PersonalValue(name, "", "", f"{_GROUP}{text.removeprefix(_GROUP)}")
        for name, text in said
        if text and (name == "group" or text.startswith(_GROUP))
    ]


def person_of(text: str) -> str:
    """Return the id of a person that is written as `ID` or `user:ID`."""
    return text.removeprefix(_USER) or text


def marks_erased(text: str) -> bool:
    """Return whether a text marks an erased person, however it is spelled: it names nobody."""
    if ERASED_MARK in text:
        return True
    if text.isascii() and "(" not in text:
        return False  # as nearly all ids are
    spelled = normalize("NFKC", text).casefold()
    return _MARK.fullmatch("".join(c for c in spelled if c.isalnum() or c in "(:)")) is not None


def is_sent_on(text: str) -> bool:
    """Return whether a text is what an export writes in the place of one that is erased."""
    return _SENT_ON.fullmatch(text) is not None
