"""From options to one call of the ledger: nothing is lost, nothing is invented."""

import pytest

DATES = ["--as-of", "2025-09-30", "--known-at", "42", "--as", "ana"]
ASKED = {"as_of": "2025-09-30", "known_at": "42", "viewer": "ana"}


@pytest.mark.parametrize(
    "words,given",
    [
        (["summary", "--workspace", "W1", "--workspace", "W2"], {"workspaces": ["W1", "W2"]}),
        (["summary", "--contract", "K1"], {"contracts": ["K1"]}),
        (
            ["packages", "--kind", "all", "--state", "inactive", "--package", "P"],
            {"kind": "all", "state": "inactive", "packages": ["P"]},
        ),
        (["packages", "--expiring", "0"], {"expiring": 0}),
        (
            ["additional", "--expiry-basis", "case-opened", "--support-type", "advisory"],
            {"expiry_basis": "case-opened", "support_type": "advisory"},
        ),
        (
            ["cases", "--list", "all", "--package", "P", "--entitlement", "E"],
            {"which": "all", "package": "P", "entitlement": "E"},
        ),
        (["contracts"], {}),
        (["workspaces", "--workspace", "007"], {"workspaces": ["007"]}),
        (["unplaced", "--all"], {"everything": True}),
        (["unplaced"], {}),
        (["statement", "P 1", "E/2"], {"package": "P 1", "entitlement": "E/2"}),
        (["history", "--case", "7"], {"case": "7"}),
    ],
)
def test_what_is_given_is_asked_and_nothing_else(cpod, fake, words, given):
    assert cpod(*words).exit == 0
    assert cpod(*words, *DATES).exit == 0
    assert fake.asked == [(words[0], given), (words[0], {**given, **ASKED})]


@pytest.mark.parametrize(
    "words,environment,url",
    [
        (["summary"], None, "sqlite:///cpod.db"),
        (["summary"], "sqlite:///e.db", "sqlite:///e.db"),
        (["summary"], "", "sqlite:///cpod.db"),
        (["--ledger", "sqlite:///g.db", "summary"], "sqlite:///e.db", "sqlite:///g.db"),
        (["summary", "--ledger", "sqlite:///c.db"], "sqlite:///e.db", "sqlite:///c.db"),
        (["--ledger", "g", "summary", "--ledger", "c"], None, "c"),
        (["--ledger", "g", "quarantine", "list"], None, "g"),
    ],
)
def test_the_nearest_word_on_where_the_ledger_is_counts(
    cpod, fake, monkeypatch, words, environment, url
):
    if environment is not None:
        monkeypatch.setenv("CPOD_LEDGER", environment)
    cpod(*words)
    assert fake.urls == [url]


def test_a_flag_goes_before_the_environment(cpod, fake, monkeypatch):
    monkeypatch.setenv("CPOD_FORMAT", "csv")
    assert cpod("contracts").out.startswith("contract,")
    assert cpod("contracts", "--format", "json").json["position"] == 7


def test_json_is_the_answer_with_its_keys_in_order(cpod, fake):
    fake.answers["contracts"] = {"contracts": [{"contract": "K", "name": "Été"}], "more": None}
    ran = cpod("contracts", "--format", "json")
    assert list(ran.json) == ["as_of", "known_at", "position", "limited", "contracts", "more"]
    assert ran.out.endswith("}\n")
    assert "Été" in ran.out


@pytest.mark.parametrize(
    "view,header",
    [
        ("summary", "group,service,unit,as_needed,granted"),
        ("packages", "contract,package,kind,package_name,state"),
        ("additional", "case,workspace,support_type"),
        ("cases", "case,workspace,contract,package,entitlement"),
        ("contracts", "contract,name,customer"),
        ("workspaces", "workspace,customer,name"),
        ("unplaced", "position,source,id,type"),
        ("history", "position,effective_at,recorded_at"),
    ],
)
def test_an_empty_answer_is_a_header_in_csv_and_nothing_in_ndjson(cpod, fake, view, header):
    csv, ndjson = cpod(view, "--format", "csv"), cpod(view, "--format", "ndjson")
    assert csv.out.startswith(header)
    assert csv.out.count("\n") == 1
    assert (ndjson.out, ndjson.exit) == ("", 0)


def test_ndjson_shows_the_rows_of_the_section_that_is_asked_for(cpod, fake):
    fake.answers["summary"] = {"contracts": [{"contract": "K"}], "lines": [{"unit": "hour"}]}
    assert cpod("summary", "--format", "ndjson").out == '{"unit": "hour"}\n'
    section = cpod("summary", "--format", "ndjson", "--section", "contracts")
    assert section.out == '{"contract": "K"}\n'


def test_a_table_of_one_section_shows_no_other(cpod, fake):
    fake.answers["additional"] = {
        "services": [{"service": "advisory", "cases": 3}],
        "cases": [{"case": "V1", "reasons": ["missing_contract", "service_code"]}],
    }
    both, one = cpod("additional").out, cpod("additional", "--section", "services").out
    assert "no contract, service code" in both
    assert "Advisory" in one
    assert "V1" not in one
