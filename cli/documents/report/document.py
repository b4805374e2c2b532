"""The report of a contract as a document: what the ledger answered, as tables and pictures."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from cli.documents.model import Block, Document, Facts, Heading, Paragraph, Picture
from cli.documents.pictures import burndown as pictures
from cli.documents.pictures.bars import Bar, bars
from cli.documents.report.origin import again, fingerprint_of, proof, shortened
from cli.documents.report.sentences import burn_down_says, share_says
from cli.documents.report.tables import (
    balances,
    cases,
    deliveries,
    expiring,
    statement,
)
from cli.documents.writing import asked, day, named, number
from cli.language.wording import N_, _, plural, spoken
from cli.render.cells import DOT, clean, written
from cli.render.words import word

TITLE: Final = N_("Customer proof of delivery")

_LIMITED: Final = N_(
    "This report shows what {viewer} may see. Cases that are not shared with them, and figures that"
    " would give such cases away, are left out."
)
_LEFT_OUT: Final = N_(
    "Left out, because cases feed them that may not all be seen: {names}. An administrator of every"
    " workspace sees them."
)
_SUMMED: Final = N_(
    "No picture, expiry or month is shown of {names}: not all of their learners may be seen. What"
    " the others used is one line of the statement."
)
_EARLIER: Final = N_(
    "{count} earlier lines stand here as one; the data of this report has each of them."
)


def report_document(
    report: Mapping[str, Any],
    viewer: str | None,
    most_lines: int | None = None,
    data: bytes | None = None,
) -> Document:
    """Return the document of a report, in the language that is spoken.

    A statement of more than `most_lines` lines has the earlier ones brought forward as one. `data`
    is its JSON, whose fingerprint stands in a report that carries its proof.
    """
    fingerprint = fingerprint_of(data) if data is not None and "proof" in report else None
    contract = report["contract"]
    blocks = [
        *_opening(report, viewer),
        *_packages(report),
        *_expiring(report),
        *_deliveries(report),
        *_additional(report),
        *_annex(report, most_lines),
        *again(report, viewer),
        *([] if fingerprint is None else proof(report, fingerprint)),
    ]
    return Document(
        title=_(TITLE),
        subtitle=clean(f"{contract['name']}{DOT}{contract['contract']}"),
        facts=_asked_for(report, viewer, fingerprint),
        blocks=blocks,
        language=spoken(),
    )


def _asked_for(
    report: Mapping[str, Any], viewer: str | None, fingerprint: str | None
) -> list[tuple[str, str]]:
    facts = [
        (_("As of"), asked(report["as_of"])),
        (_("Known at"), asked(written(report["known_at"]))),
        (_("Position"), written(report["position"])),
    ]
    facts += [] if viewer is None else [(_("For"), clean(viewer))]
    return facts if fingerprint is None else [*facts, (_("Fingerprint"), shortened(fingerprint))]


def _opening(report: Mapping[str, Any], viewer: str | None) -> Iterator[Block]:
    """Yield what the contract is, and how it stands."""
    contract = report["contract"]
    ends = day(contract["ends_on"]) if contract["ends_on"] else _("open-ended")
    pairs = [
        (_("Customer"), clean(str(contract["customer"]))),
        (_("Contract"), clean(str(contract["contract"]))),
        (_("Plan"), written(contract["plan"])),
        (_("Period"), _("{first} to {last}").format(first=day(contract["starts_on"]), last=ends)),
        (_("State"), _state(contract)),
        (_("Workspaces"), written(contract["workspaces"])),
        (_("Renewed by"), written(contract["successors"])),
    ]
    yield Facts([(name, value) for name, value in pairs if value != written(None)])
    if report["limited"]:
        yield Paragraph(_(_LIMITED).format(viewer=clean(viewer or "")), "faint")
    rows = [(series, series["points"][-1]) for series in report["burn_downs"] if series["points"]]
    if rows:
        yield Heading(_("At a glance"))
        shown = [
            Bar(
                name=clean(f"{series['name']} ({series['package']})"),
                granted=Decimal(point["granted"]),
                used=Decimal(point["consumed"]),
                says=share_says(series, point),
            )
            for series, point in rows
        ]
        said = "; ".join(named(bar.name, bar.says) for bar in shown)
        caption = _("Used of what was granted, for each limited entitlement")
        yield Picture(bars(shown), said, caption)


def _state(contract: Mapping[str, Any]) -> str:
    left = contract.get("days_left")
    state = word("state", contract["state"])
    if not isinstance(left, int):
        return state
    text = plural("{count} day left", "{count} days left", left)
    return f"{state}, {text if left else _('last day')}"


def _packages(report: Mapping[str, Any]) -> Iterator[Block]:
    """Yield each package with its balances, its benefits, and its burn-downs."""
    yield Heading(_("Packages"))
    if not report["packages"]:
        yield Paragraph(_("This contract holds no package."))
    for package in report["packages"]:
        yield Heading(clean(f"{package['name']} ({package['package']})"), 2)
        yield Paragraph(_package_says(package), "faint")
        if package["consumables"]:
            yield balances(package)
        if package["benefits"]:
            names = ", ".join(_benefit(benefit) for benefit in package["benefits"])
            yield Paragraph(_("Included: {names}.").format(names=names))
        for series in report["burn_downs"]:
            if series["package"] == package["package"] and series["points"]:
                yield _burn_down(series)
    for key, says in (("left_out", _LEFT_OUT), ("summed", _SUMMED)):
        hidden = [clean(f"{left['name']} ({left['package']})") for left in report.get(key, ())]
        if hidden:
            yield Paragraph(_(says).format(names=", ".join(hidden)), "strong")


def _burn_down(series: Mapping[str, Any]) -> Picture:
    name = clean(str(series["name"]))
    says = burn_down_says(series)
    return Picture(
        svg=pictures.burn_down(series),
        alt=_("Burn-down of {name}: {says}").format(name=name, says=says),
        caption=f"{name}{DOT}{word('unit', series['unit'])}",
        text=says,
    )


def _package_says(package: Mapping[str, Any]) -> str:
    parts = [
        word("kind", package["kind"]),
        _("{first} to {last}").format(
            first=day(package["starts_on"]), last=day(package["ends_on"])
        ),
        _state(package),
    ]
    if package["reason"] is not None:
        parts.append(word("reason", package["reason"]))
    return DOT.join(parts)


def _benefit(benefit: Mapping[str, Any]) -> str:
    text = clean(str(benefit["name"]))
    about = benefit["description"]
    return f"{text} ({clean(str(about))})" if about else text


def _expiring(report: Mapping[str, Any]) -> Iterator[Block]:
    yield Heading(_("What expires when"))
    if report["expiring"]:
        yield Paragraph(_("What is left, by the last day on which it may be used."))
        yield expiring(report["expiring"])
    else:
        yield Paragraph(_("Nothing is left that could expire."))


def _deliveries(report: Mapping[str, Any]) -> Iterator[Block]:
    yield Heading(_("Deliveries by month"))
    years = sorted({row["month"][:4] for row in report["deliveries"]})
    if not years:
        yield Paragraph(_("Nothing was delivered yet."))
    for year in years:
        yield deliveries([row for row in report["deliveries"] if row["month"][:4] == year], year)


def _additional(report: Mapping[str, Any]) -> Iterator[Block]:
    """Yield the additional cases, each with the reasons for which it is one."""
    found = report["additional"]
    yield Heading(_("Additional cases"))
    yield Paragraph(
        _(
            "Reactive and advisory cases that no line above holds, each with the reasons. Where a"
            " case names an entitlement, its hours count there all the same."
        )
    )
    counts = "; ".join(
        named(word("service", row["service"]), number(row["cases"])) for row in found["services"]
    )
    zone = report["contract"]["timezone"]
    if found["cases"]:
        yield Paragraph(counts, "strong")
        yield cases(found["cases"], _("Additional cases under this contract"), zone)
    else:
        yield Paragraph(_("No additional cases."))
    if found["without_contract"]:
        yield Heading(_("Under no contract"), 2)
        yield Paragraph(_("Cases of its workspaces that name no contract, or none that is known."))
        yield cases(found["without_contract"], _("Cases under no contract"), zone)


def _annex(report: Mapping[str, Any], most_lines: int | None) -> Iterator[Block]:
    """Yield the statement of each entitlement."""
    statements: Sequence[Mapping[str, Any]] = report["statements"]
    if not statements:
        return
    yield Heading(_("Annex: statements"), apart=True)
    yield Paragraph(_("How each balance came about. The last balance is the number shown above."))
    for found in statements:
        name = f"{found['name']} ({found['package']}, {found['entitlement']})"
        yield Heading(clean(name), 2)
        lines = found["lines"]
        earlier = 0 if most_lines is None else max(0, len(lines) - most_lines)
        if earlier:
            yield Paragraph(_(_EARLIER).format(count=number(earlier)))
            forward = {**dict.fromkeys(lines[0]), "what": "brought_forward"}
            forward |= {key: lines[earlier - 1][key] for key in ("effective_at", "balance")}
            found = {**found, "lines": [forward, *lines[earlier:]]}  # noqa: PLW2901 - as shown
        yield statement(found, report["contract"]["timezone"])
