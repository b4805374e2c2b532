"""Refusals: why a line was not appended, and what its sender should do, in English and French."""

from dataclasses import dataclass
from typing import Final
from unicodedata import category

CODES: Final[tuple[str, ...]] = (
    "bad-json",
    "line-too-long",
    "not-a-cloudevent",
    "unknown-type",
    "invalid-data",
    "conflict",
    "unknown-contract",
    "unknown-package",
    "unknown-entitlement",
    "unknown-event",
    "unknown-workspace",
    "already-exists",
    "already-reversed",
    "not-reversible",
    "insufficient-balance",
    "not-limited",
    "other-customer",
    "bad-period",
    "not-allowed",
)
"""Every code with which a line can be refused."""

SEPARATOR: Final = "\x1f"
"""Stands between the two ids of a key; no identifier holds a control character."""

_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a line was refused: a code, one sentence in English, and what it waits for, if anything.

    `waits_for` is given for the five unknown-* codes: `contract:K1`, `package:P`, `workspace:W`,
    and `entitlement:P<SEPARATOR>E` and `event:SOURCE<SEPARATOR>ID` for what has two ids.
    """

    code: str
    reason: str
    waits_for: str | None = None


def shown(value: object) -> str:
    """Return a value from outside as it may stand in a sentence: quoted, on one line, not long."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and value.bit_length() > _SHOWN * 3:
        return "a number of very many digits"
    text = _quoted(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _quoted(text: str) -> str:
    """Return a text in quotes, as it was sent but for what cannot be seen."""
    mark = '"' if "'" in text and '"' not in text else "'"
    seen = (c if c.isprintable() or category(c) == "Zs" else repr(c)[1:-1] for c in text[:_SHOWN])
    return f"{mark}{''.join(seen)}{mark}"


ADVICE: Final[dict[str, dict[str, str]]] = {
    "bad-json": {
        "en": "Send one JSON object a line, in UTF-8, each key once.",
        "fr": "Envoyez un objet JSON par ligne, en UTF-8, chaque clé une seule fois.",
    },
    "line-too-long": {
        "en": "Keep an event within 1 MiB: shorten its texts or send it in parts.",
        "fr": "Limitez un événement à 1 Mio : raccourcissez ses textes ou scindez-le.",
    },
    "not-a-cloudevent": {
        "en": "Send a CloudEvent 1.0 with specversion, id, source, type, time and data.",
        "fr": "Envoyez un CloudEvent 1.0 avec specversion, id, source, type, time et data.",
    },
    "unknown-type": {
        "en": "Use one of the types that `cpod schema` lists, spelt the same way.",
        "fr": "Utilisez un des types que « cpod schema » énumère, écrit de la même façon.",
    },
    "invalid-data": {
        "en": "Correct the field that is named, as `cpod schema TYPE` says, and send again.",
        "fr": "Corrigez le champ indiqué, comme le décrit « cpod schema TYPE », puis renvoyez.",
    },
    "conflict": {
        "en": "Give the new content an id of its own; what is recorded under this id stays.",
        "fr": "Donnez au nouveau contenu son propre id ; ce qui est enregistré sous cet id reste.",
    },
    "unknown-contract": {
        "en": "Send contract.signed of this contract; the line is then taken up by itself.",
        "fr": "Envoyez contract.signed pour ce contrat ; la ligne sera alors reprise d'elle-même.",
    },
    "unknown-package": {
        "en": "Send package.purchased of this package; the line is then taken up by itself.",
        "fr": "Envoyez package.purchased pour ce forfait ; la ligne sera alors reprise "
        "d'elle-même.",
    },
    "unknown-entitlement": {
        "en": "Send entitlement.added for this package; the line is then taken up by itself.",
        "fr": "Envoyez entitlement.added pour ce forfait ; la ligne sera alors reprise "
        "d'elle-même.",
    },
    "unknown-event": {
        "en": "Send the event that it names, or correct its source and id.",
        "fr": "Envoyez l'événement désigné, ou corrigez sa source et son id.",
    },
    "unknown-workspace": {
        "en": "Send workspace.created of this workspace; the line is then taken up by itself.",
        "fr": "Envoyez workspace.created pour cet espace de travail ; la ligne sera alors reprise "
        "d'elle-même.",
    },
    "already-exists": {
        "en": "Amend what is there, or use an id that is free.",
        "fr": "Modifiez ce qui existe, ou utilisez un id encore libre.",
    },
    "already-reversed": {
        "en": "Leave it: the event that it names does not count any more.",
        "fr": "Ne faites rien : l'événement désigné ne compte déjà plus.",
    },
    "not-reversible": {
        "en": "Reverse only facts, adjustments and grants; correct other terms by a new term.",
        "fr": "N'annulez que des faits, ajustements et octrois ; corrigez le reste par un "
        "nouveau terme.",
    },
    "insufficient-balance": {
        "en": "Transfer no more than what is available at that time.",
        "fr": "Ne transférez pas plus que ce qui est disponible à ce moment.",
    },
    "not-limited": {
        "en": "Name an entitlement that has a quantity: this one has no balance.",
        "fr": "Indiquez un droit qui a une quantité : celui-ci n'a pas de solde.",
    },
    "other-customer": {
        "en": "Stay within one customer: correct the contract, workspace or package.",
        "fr": "Restez chez un seul client : corrigez le contrat, l'espace de travail ou "
        "le forfait.",
    },
    "bad-period": {
        "en": "Correct the dates: a period ends on or after the day on which it starts.",
        "fr": "Corrigez les dates : une période finit au plus tôt le jour où elle commence.",
    },
    "not-allowed": {
        "en": "Let an administrator of that scope grant it, or record that role first.",
        "fr": "Faites-le accorder par un administrateur de ce périmètre, ou enregistrez d'abord "
        "ce rôle.",
    },
}
"""What to do about each code: one sentence, by language."""
