"""A dry run prints the receipt that the run then prints, whatever is sent, and writes no byte."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import event as noted
from hypothesis import given, settings
from hypothesis import strategies as st
from sending import Desk
from test_any_resume import ACCEPTED, FILES, written


def content(desk, folder):
    """Return all that a ledger has; where it is a file, all bytes but the index of its log."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".db-shm"}
    aside = (desk.log.intakes(), desk.log.register_rows(), desk.ledger.status())
    return files, desk.rows(), desk.held(), aside


def said(receipt):
    """Return all that a receipt says, but for how long it took, and the verdicts of a dry run."""
    facts = {name: getattr(receipt, name) for name in receipt.__dataclass_fields__}
    return facts | {"seconds": 0, "verdicts": (), "answer": receipt.answer() | {"seconds": 0}}


@st.composite
def inputs(draw, folder):
    """Write some files of any lines, plain, compressed or cut short; return their paths."""
    paths = []
    for number, lines in enumerate(draw(st.lists(FILES, min_size=1, max_size=3))):
        text = written(lines)
        form = draw(st.sampled_from(["plain", "plain", "gzip", "cut"]))
        if form != "plain":
            text = gzip.compress(text, mtime=0)
        if form == "cut":
            text = text[: draw(st.integers(20, len(text)))]
        path = folder / f"{number}.jsonl"
        path.write_bytes(text)
        paths.append(str(path))
    return paths


def rehearse_and_run(data, desk, folder, inbox):
    desk.send(*data.draw(st.lists(st.sampled_from(ACCEPTED), max_size=6)))
    paths = data.draw(inputs(inbox))
    if data.draw(st.booleans()):
        stopped = data.draw(st.sampled_from(paths))
        desk.ledger.ingest([stopped], batch_size=2, max_errors=data.draw(st.integers(1, 3)))
    options = {
        "batch_size": data.draw(st.sampled_from([1, 2, 5, 1000])),
        "max_errors": data.draw(st.sampled_from([None, None, 1, 3])),
    }
    rehearsed, done = [], []
    before = content(desk, folder)
    dry = desk.ledger.ingest(
        paths, dry_run=True, on_resume=lambda *where: rehearsed.append(where), **options
    )
    assert content(desk, folder) == before
    real = desk.ledger.ingest(paths, on_resume=lambda *where: done.append(where), **options)
    noted(f"resumed: {len(done)}, stopped: {dry.stopped}, problem: {bool(dry.problem)}")
    assert said(dry) == said(real)
    assert rehearsed == done


@given(data=st.data())
@settings(max_examples=max(20, settings.default.max_examples // 2))
def test_any_dry_run_prints_the_receipt_of_the_run(data):
    """Of several files, some of which a run was stopped in, in batches, with a limit of errors."""
    with TemporaryDirectory() as inbox, TemporaryDirectory() as folder:
        rehearse_and_run(data, Desk(), Path(folder), Path(inbox))


@given(data=st.data())
@settings(max_examples=max(4, settings.default.max_examples // 20))
def test_any_dry_run_on_a_file_writes_no_byte(data):
    with TemporaryDirectory() as inbox, TemporaryDirectory() as folder:
        desk = Desk(f"sqlite:///{folder}/l.db")
        rehearse_and_run(data, desk, Path(folder), Path(inbox))
        desk.ledger.close()
