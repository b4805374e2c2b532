"""How commands stop: one line that says what to do, the right exit code, never a traceback."""

import json
import re
from pathlib import Path

import pytest

from cli.errors import Terminated, peek
from ledger import errors

EXITS = [
    (errors.UsageError, 2),
    (errors.NotAllowed, 3),
    (errors.NotFound, 4),
    (errors.NoLedger, 4),
    (errors.LedgerBusy, 5),
    (errors.LedgerReadOnly, 5),
    (errors.LedgerFull, 5),
    (errors.LedgerUnreachable, 5),
    (errors.NotALedger, 5),
    (errors.NewerLedger, 5),
    (errors.Damaged, 6),
]


@pytest.mark.parametrize("kind,code", EXITS)
def test_an_error_of_the_ledger_is_one_line_with_its_exit_code(cpod, fake, kind, code):
    fake.raises = kind("something happened:\n do \x1b[31mthis")
    ran = cpod("summary")
    assert (ran.exit, ran.out) == (code, "")
    assert ran.err == "cpod: something happened: do �[31mthis\n"


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_with_a_json_format_an_error_is_a_json_object(cpod, fake, form):
    fake.raises = errors.NotFound("there is no package P")
    ran = cpod("packages", "--format", form)
    assert ran.exit == 4
    assert json.loads(ran.err) == {
        "error": {"code": "not-found", "message": "there is no package P", "exit": 4}
    }


def test_the_format_of_errors_may_come_from_the_environment(cpod, monkeypatch):
    monkeypatch.setenv("CPOD_FORMAT", "json")
    assert json.loads(cpod("packages", "--nonsense").err)["error"]["code"] == "usage"


@pytest.mark.parametrize(
    "words,hint",
    [
        (["pakages"], "Did you mean 'packages'?"),
        (["packages", "--fromat", "json"], "'--format'"),
        (["quarantine", "lst"], "Did you mean 'list'?"),
        (["schema", "case.opend"], "Did you mean case.opened"),
        (["statement", "P"], "See cpod statement --help"),
        (["ingest"], "See cpod ingest --help"),
        (["packages", "--kind", "both"], "'both' is not one of"),
        (["summary", "--section", "packages"], "is not one of"),
        (["packages", "--contract", ""], "1 to 200 characters"),
        (["packages", "--contract", "a\x07b"], "control character"),
        (["packages", "--contract", "a\udcffb"], "not UTF-8"),
        (["ingest", "-", "-"], "stands there twice"),
        (["summary", "--lang", "de"], "'de' is not one of"),
    ],
)
def test_wrong_usage_is_one_line_that_says_what_to_do(cpod, words, hint):
    ran = cpod(*words)
    assert (ran.exit, ran.out) == (2, "")
    assert ran.err.startswith("cpod: ")
    assert ran.err.count("\n") == 1
    assert hint in ran.err


def test_a_section_is_not_asked_of_json_which_holds_them_all(cpod):
    ran = cpod("summary", "--format", "json", "--section", "lines")
    assert ran.exit == 2
    assert "--section is not for json" in json.loads(ran.err)["error"]["message"]


def test_a_bug_of_ours_leaves_a_report_and_no_traceback(cpod, fake, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    fake.raises = ZeroDivisionError("one over nothing")
    ran = cpod("summary", "--contract", "K1")
    assert ran.exit == 70
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
    path = re.search(r"\S+cpod-report-\S+\.txt", ran.err)
    assert path is not None
    report = Path(path[0]).read_text()
    assert "one over nothing" in report
    assert "Traceback" in report
    assert "'K1'" in report


@pytest.mark.parametrize("stop,code", [(KeyboardInterrupt(), 130), (Terminated(), 143)])
def test_a_stopped_command_says_so_with_the_code_of_its_signal(cpod, fake, stop, code):
    fake.raises = stop
    ran = cpod("summary")
    assert ran.exit == code
    assert ran.err.count("\n") == 1


def test_what_the_system_refuses_is_no_bug(cpod, fake):
    fake.raises = PermissionError(13, "Permission denied", "/somewhere/cpod.db-books")
    ran = cpod("summary")
    assert ran.exit == 5
    assert ran.err == "cpod: /somewhere/cpod.db-books cannot be used: Permission denied\n"


@pytest.mark.parametrize(
    "words",
    [
        ["init"],
        ["ingest", "-"],
        ["quarantine", "list"],
        ["quarantine", "show", "1"],
        ["quarantine", "retry"],
        ["quarantine", "drop", "1"],
        ["rebuild"],
        ["status"],
    ],
)
def test_what_only_the_operator_does_is_not_allowed_with_a_viewer(cpod, fake, words):
    ran = cpod(*words, "--as", "ana")
    assert ran.exit == 3
    assert "without --as" in ran.err


@pytest.mark.parametrize(
    "words,found",
    [
        (["a", "--format", "json"], "json"),
        (["--format=csv", "a"], "csv"),
        (["--format", "json", "--format", "csv"], "csv"),
        (["--", "--format", "json"], None),
        (["--format"], None),
    ],
)
def test_an_option_is_found_on_a_line_that_may_not_parse(words, found):
    assert peek(words, "--format") == found
