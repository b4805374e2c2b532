"""A strict reader of Prometheus's text format: what it does not know, it refuses."""

import re
from dataclasses import dataclass, field

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
ESCAPE = re.compile(r'\\(["\\n])')
VALUE = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


@dataclass
class Family:
    """One metric, with its samples by their labels."""

    help: str
    kind: str
    samples: dict[tuple[tuple[str, str], ...], float] = field(default_factory=dict)


def unescaped(text: str) -> str:
    return ESCAPE.sub(lambda found: {"n": "\n"}.get(found[1], found[1]), text)


def labels_of(text: str) -> tuple[tuple[str, str], ...]:
    found = []
    while text:
        match = LABEL.match(text)
        assert match, text
        found.append((match[1], unescaped(match[2])))
        text = text[match.end() :]
    assert len({name for name, _ in found}) == len(found)
    return tuple(found)


def parse(text: str) -> dict[str, Family]:
    """Return the families of a text; each has HELP, then TYPE, then its samples, all together."""
    assert text.endswith("\n")
    families: dict[str, Family] = {}
    current, helped = None, {}
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            name, _, said = line.removeprefix("# HELP ").partition(" ")
            assert NAME.fullmatch(name)
            assert name not in helped
            assert not re.search(r"\\[^\\n]", said)
            helped[name] = said
        elif line.startswith("# TYPE "):
            name, kind = line.removeprefix("# TYPE ").split(" ")
            assert list(helped)[-1] == name
            assert kind in {"counter", "gauge"}
            assert (kind == "counter") == name.endswith("_total")
            current = families[name] = Family(helped[name], kind)
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            assert list(families)[-1] == match[1]
            assert VALUE.fullmatch(match[3]), line
            assert current is not None
            labels = labels_of(match[2] or "")
            assert labels not in current.samples
            current.samples[labels] = float(match[3])
    assert all(family.samples and family.help for family in families.values())
    return families
