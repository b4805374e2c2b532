"""The pages of a proven PDF: made again to the byte, or not looked at, or not those of its data."""

import io
import json
import sys
from pathlib import Path

import pypdf
import pytest
from neighbours import two_contracts

import cli
from cli.documents.maker import maker
from cli.documents.report.formats import report_bytes
from cli.language.wording import speak
from ledger import Ledger
from ledger.proof.forms import new_key

KEY = new_key("ledger.example/contoso", bytes(range(32)))
UNSEEN = "The data holds; the pages were not looked at"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A proven report as PDF, in both languages."""
    file = tmp_path_factory.mktemp("events") / "events.jsonl"
    file.write_text("".join(f"{json.dumps(event)}\n" for event in two_contracts()), "utf-8")
    with Ledger.create("memory:") as ledger:
        ledger.ingest([str(file)])
        ledger.seal(KEY)
        report = ledger.prove_report("K", as_of="2025-06-30")
    found = {}
    for language in ("fr", "en"):
        speak(language)
        found[language] = report_bytes(report, "pdf", None)
    return found


@pytest.fixture
def verifies(cpod):
    """Verifies the bytes of a PDF."""

    def runs(content, *options):
        Path("report.pdf").write_bytes(content)
        return cpod("verify", "report.pdf", "--key", str(KEY.verifier), *options)

    return runs


def rewritten(content, change, *, incremental=False):
    """The PDF as a library writes it, with something more in it."""
    writer = pypdf.PdfWriter(io.BytesIO(content), incremental=incremental)
    if not incremental:
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    change(writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def appended(content):
    """The pages and the data in a new PDF, which says nothing of who made them."""
    writer = pypdf.PdfWriter()
    writer.append(io.BytesIO(content))
    data = pypdf.PdfReader(io.BytesIO(content)).attachments["report.json"][0]
    writer.add_attachment("report.json", data)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def attaching(name):
    return lambda content: rewritten(content, lambda pdf: pdf.add_attachment(name, b"{}"))


def empty_page(content, **how):
    return rewritten(content, lambda pdf: pdf.add_blank_page(), **how)


def replacing(old, new):
    def changed(content):
        assert old in content
        assert len(old) == len(new)
        return content.replace(old, new)

    return changed


CHANGED = {
    "bytes at the end": lambda content: content + b"\n%",
    "a line end at the end": lambda content: content + b"\n",
    "an update at the end": lambda content: empty_page(content, incremental=True),
    "an empty page": empty_page,
    "written again": lambda content: rewritten(content, lambda _pdf: None),
    "put into another PDF": appended,
    "another file attached": attaching("other.txt"),
    "the data attached twice": attaching("report.json"),
    "the data under another name": replacing(b"report.json", b"rapport.jsn"),
    "a font under another name": replacing(b"LibertinusSerif", b"LibertinusSerig"),
    "another language": replacing(b"/Lang(en)", b"/Lang(fr)"),
    "a language that nobody speaks": replacing(b"/Lang(en)", b"/Lang(xx)"),
    "encrypted for nobody": lambda content: rewritten(
        content, lambda pdf: pdf.encrypt("", algorithm="RC4-128")
    ),
    "encrypted": lambda content: rewritten(
        content, lambda pdf: pdf.encrypt("secret", algorithm="RC4-128")
    ),
    "bytes before it": lambda content: b" " + content,
}
EARLIER = replacing(b"/Keywords(", b"/Keywordz(")
TOUCHED = ("bytes at the end", "an update at the end", "another file attached", "encrypted")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_that_are_made_again_are_proved(made, verifies, language):
    """Whatever is spoken here: the pages are made again in the language that they are in."""
    ran = verifies(made[language], "--format", "json")
    assert ran.exit == 0, ran.err
    assert {"what": "pages"} in ran.json["proved"]
    assert "pages" not in {claim["what"] for claim in ran.json["not_proved"]}
    assert UNSEEN not in verifies(made[language]).out


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_a_pdf_that_was_changed_does_not_pass(made, verifies, change):
    ran = verifies(change(made["en"]))
    assert (ran.exit, ran.out) == (6, "")
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("name", TOUCHED)
def test_one_of_another_version_that_was_touched_does_not_pass_either(made, verifies, name):
    assert verifies(CHANGED[name](EARLIER(made["en"]))).exit == 6


def test_pages_of_another_version_were_not_looked_at(made, verifies, monkeypatch):
    """The first line says so, in the language that is spoken; which versions, further down."""
    here = maker()
    monkeypatch.setattr(cli, "__version__", "9.9.9")
    ran = verifies(made["en"])
    assert (ran.exit, ran.out.splitlines()[0]) == (1, UNSEEN)
    assert f"its pages: {here} made them, and this is {maker()}" in ran.out
    told = verifies(made["en"], "--format", "json")
    assert told.exit == 1
    assert {"what": "pages", "made_by": here, "here": maker()} in told.json["not_proved"]
    french = verifies(made["en"], "--lang", "fr").out.splitlines()
    assert french[0] == "Les données tiennent\u202f; les pages n'ont pas été regardées"


def test_pages_that_do_not_say_what_made_them_are_of_an_earlier_version(made, verifies):
    ran = verifies(EARLIER(made["en"]))
    assert (ran.exit, ran.out.splitlines()[0]) == (1, UNSEEN)
    assert "an earlier version of cpod made them" in ran.out


def test_without_the_library_that_makes_pages_they_are_not_looked_at(made, verifies, monkeypatch):
    """It says what to install; the data is verified all the same."""
    monkeypatch.setitem(sys.modules, "typst", None)
    ran = verifies(made["en"])
    assert (ran.exit, ran.out.splitlines()[0]) == (1, UNSEEN)
    assert "pip install 'cpod[documents]'" in ran.out
    assert "every number and every line in it is what these events come to" in ran.out


def test_what_a_pdf_says_of_its_maker_is_cleaned(made, verifies):
    content = replacing(b"/Keywords(cpod ", b"/Keywords(\x1b[2J ")(made["en"])
    ran = verifies(content)
    assert ran.exit == 1
    assert "\x1b" not in ran.out


def test_what_makes_pages_is_named_to_the_byte(made):
    """The version of the program, a digest of its files, and the libraries."""
    said = pypdf.PdfReader(io.BytesIO(made["en"])).metadata["/Keywords"]
    assert said == maker()
    assert said.startswith(f"cpod {cli.__version__} (")
    assert all(f"{name} " in said for name in ("typst", "babel", "tzdata"))
