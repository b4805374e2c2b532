"""`cpod status`: how far the ledger has come, what waits, how big it is, and which versions."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.command import Command
from cli.language.wording import N_
from cli.opening import opened, operator_only
from cli.options.shared import FORMAT, VIEWER, WHERE
from cli.other_history import other_history
from cli.render.cells import written
from cli.render.show import show_done


def _status(viewer: str | None, **given: Any) -> None:
    from cli.versions import versions

    operator_only(viewer)
    with opened() as ledger:
        answer = {**ledger.status(), "versions": versions()}
    show_done(answer, "\n".join(_lines(answer)), str(given["format"]))


def _lines(answer: Mapping[str, object]) -> Iterator[str]:
    """Yield the figures, one a line, those of a group with their own names."""
    flat: dict[str, object] = {}
    for key, value in answer.items():
        if key == "other_history":
            continue
        if isinstance(value, Mapping):
            flat |= {f"{key} {name}": figure for name, figure in value.items()} or {key: 0}
        else:
            flat[key] = value
    label = max(map(len, flat))
    for key, value in flat.items():
        yield f"{key.replace('_', ' '):<{label}}  {written(value)}"
    yield from other_history(answer)


command = Command(
    name="status",
    callback=_status,
    examples=("cpod status", "cpod status --format json"),
    help=N_(
        "Show how far the ledger has come. The last position and its stamp, what waits in the"
        " quarantine, the size, the versions."
    ),
    params=[VIEWER, FORMAT, *WHERE],
)
