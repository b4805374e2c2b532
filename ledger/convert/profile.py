"""The profile: what a person writes in TOML about a table, checked key by key."""

import re
import tomllib
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ledger.errors import UsageError
from ledger.messages import Words, words_of

LARGEST: Final = 2**20
"""Bytes that a profile may have."""

DEEPEST: Final = 8
"""Levels that the data of an event may have."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_LONGEST: Final = 300
_SENTENCES: Final = {
    "missing": Words("this key is required"),
    "extra_forbidden": Words("there is no such key"),
    "too_short": Words("it is empty"),
    "string_pattern_mismatch": Words("it is one character, and ends no line"),
}

Encoding = Literal[
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "iso-8859-1",
    "iso-8859-15",
    "windows-1252",
    "cp850",
    "mac-roman",
]
Scalar = str | int | bool
"""What one field of an event can be given."""


def _scalar(value: object) -> object:
    if not isinstance(value, str | int):
        raise ValueError("write it in quotes: it is a text, a whole number, true or false")  # noqa: TRY004 - pydantic's way
    return value


def _tree(value: object, depth: int = 0) -> object:
    """Return the data of an event as it is, once it is known to hold nothing but JSON."""
    if depth > DEEPEST:
        raise ValueError(Words("it is more than {limit} levels deep", limit=DEEPEST))
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            _tree(item, depth + 1)
    else:
        _scalar(value)
    return value


def _name(value: object) -> object:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError(
            Words("the name {value!r} has other characters than a-z, 0-9 and _", value=value)
        )
    return value


Name = Annotated[str, BeforeValidator(_name)]
"""What a column or a value is called in the profile."""

Given = Annotated[Any, BeforeValidator(_scalar)]
Tree = Annotated[dict[str, Any], BeforeValidator(_tree)]
Names = Annotated[list[Name], Field(min_length=1)]
Character = Annotated[str, Field(pattern=r"^[^\r\n\x00]$")]


class Part(BaseModel):
    """A part of a profile: nothing that it does not have, and no value taken for another."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class File(Part):
    """How the table is written down."""

    encoding: Encoding = "utf-8"
    delimiter: Character = ","
    quote: Character = '"'
    header: Annotated[int, Field(ge=1, le=1000)] = 1
    """The row, counted from 1, in which the names of the columns stand."""
    nulls: list[str] = [""]
    """How the table writes that there is nothing."""


def _told_apart(form: "File") -> "File":
    if form.delimiter == form.quote:
        raise ValueError("delimiter and quote are two different characters")
    return form


class Column(Part):
    """A column by its name, and which one where several bear it, counted from 1."""

    name: str
    which: Annotated[int, Field(ge=1)]


class AsDecimal(Part):
    """A number, exactly."""

    point: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'", "\u00a0", "\u202f"] = ""
    times: str = "1"
    sign: Literal["keep", "absolute", "negate"] = "keep"
    decimals: Annotated[int, Field(ge=0, le=30)] = 9
    rounding: Literal["refuse", "half-even", "half-up", "down", "up"] = "refuse"
    whole: bool = False
    """Whether a whole number is given, as a JSON number."""


Century = Annotated[int, Field(ge=1, le=9900)]
"""The first of the hundred years that two digits of a year can mean."""


class AsTime(Part):
    """An instant, from the clocks of a named zone."""

    format: str
    century: Century | None = None
    zone: str | None = None
    skipped: Literal["refuse", "later"] = "refuse"
    repeated: Literal["refuse", "first", "second"] = "refuse"


class AsDate(Part):
    """A date."""

    format: str
    century: Century | None = None


class Value(Part):
    """A value that is made of columns or of values that stand above it; one of these ways."""

    of: Name | None = None
    text: str | None = None
    digest: Literal["row"] | Names | None = None
    length: Annotated[int, Field(ge=16, le=64)] = 64
    count: Literal[True] | None = None
    table: dict[str, Given] | None = None
    otherwise: Given | None = None
    cycle: Annotated[list[Given], Field(min_length=1)] | None = None
    decimal: AsDecimal | None = None
    time: AsTime | None = None
    date: AsDate | None = None


class Check(Part):
    """What is asked of a value, beyond being equal to something."""

    given: bool | None = None
    changed: bool | None = None
    """Whether it differs from the row before, in the same group."""
    above: str | None = None
    below: str | None = None
    equal: str | None = None
    """The same number, however it is written."""
    among: list[Given] | None = None
    none_of: Annotated[list[Given] | None, Field(alias="not")] = None


def _check(value: object) -> object:
    """Return a text as the one value that fits, and a list as several."""
    if isinstance(value, dict):
        return value
    return {"among": value if isinstance(value, list) else [value]}


When = dict[Name, Annotated[Check, BeforeValidator(_check)]]


class Group(Part):
    """Which rows belong together."""

    by: Names
    together: bool = True
    """Whether the rows of a group stand one after the other."""


class Condition(Part):
    """Which rows: all that is named must hold."""

    row: Literal["first", "later", "last"] | None = None
    """Where in its group the row stands."""
    when: When = {}


class Skip(Condition):
    """Rows that are left out on purpose."""

    because: str


class Rule(Condition):
    """The event that such rows make."""

    type: str
    id: str
    time: str
    source: str | None = None
    once: Literal["file"] | Names | None = None
    """Made once in the file, or once for each value of these."""
    data: Tree


class Profile(Part):
    """How the rows of a table become events."""

    title: str = ""
    source: str
    order: Literal["file", "time"] = "file"
    file: Annotated[File, AfterValidator(_told_apart)] = File()
    columns: Annotated[dict[Name, str | Column], Field(min_length=1)]
    values: dict[Name, Value] = {}
    group: Group | None = None
    skip: list[Skip] = []
    events: Annotated[list[Rule], Field(min_length=1)]


def read_profile(content: bytes, name: str) -> Profile:
    """Return the profile of the bytes of a file. Raises UsageError, naming the key."""
    if len(content) > LARGEST:
        raise UsageError(
            "{name} is larger than {limit} MiB: is it a profile?", name=name, limit=LARGEST // 2**20
        )
    try:
        given = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError("{name} is no UTF-8: a profile is written in TOML", name=name) from None
    except RecursionError:
        raise UsageError("{name} is too deep: is it a profile?", name=name) from None
    except ValueError as wrong:
        raise UsageError("{name} is no TOML: {wrong}", name=name, wrong=wrong) from None
    return checked(given, name)


def checked(given: dict[str, Any], name: str) -> Profile:
    """Return the profile of what stands in a TOML file. Raises UsageError, naming the key."""
    try:
        return Profile.model_validate(given)
    except ValidationError as wrong:
        raise UsageError("{place}: {wrong}", place=name, wrong=_first(wrong)) from None


def _first(wrong: ValidationError) -> Words:
    """Return the first thing that is wrong, after its key, and how many more there are."""
    errors = wrong.errors(include_url=False, include_input=False)
    first = errors[0]
    sentence = _SENTENCES.get(first["type"])
    if first["type"] == "value_error":
        sentence = words_of(first["ctx"]["error"])
    if sentence is None:  # pydantic's own words: there are many, and few are ever seen
        plain = first["msg"].replace("Input should be", "it should be")
        sentence = Words(plain)
    said = Words("{place}: {wrong}", place=key_path(first["loc"]), wrong=sentence)
    if len(said) > _LONGEST:
        cut = said[:_LONGEST]
        said = Words(cut)
    more = len(errors) - 1
    return Words("{wrong} (and {count} more)", wrong=said, count=more) if more else said


def key_path(steps: tuple[int | str, ...]) -> str:
    """Return where a key of the profile is: `events[3].when.activity`, counted from 1."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step + 1}]"
        elif re.fullmatch(r"[\w-]{1,64}", step):
            path += f".{step}" if path else step
    return path or "the profile"
