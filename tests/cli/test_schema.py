"""JSON Schemas for senders: every type, whole, and readable by any validator."""

import json
import re

import pytest

from cli.event_schemas import first_sentence
from ledger.domain.events import BY_NAME


def patterns(part: object) -> list[str]:
    """Return every pattern of a schema."""
    if isinstance(part, list):
        return [found for each in part for found in patterns(each)]
    if not isinstance(part, dict):
        return []
    own = [part["pattern"]] if isinstance(part.get("pattern"), str) else []
    return own + [found for each in part.values() for found in patterns(each)]


def test_every_type_is_listed_with_its_kind_and_its_first_sentence(cpod):
    rows = cpod("schema", "--format", "json").json["types"]
    assert [row["type"] for row in rows] == list(BY_NAME)
    assert {row["kind"] for row in rows} == {"fact", "term"}
    assert all(row["about"].endswith(".") for row in rows)
    assert cpod("schema", "--format", "csv").out.startswith("type,kind,about\n")


@pytest.mark.parametrize("name", BY_NAME)
def test_the_schema_of_a_type_is_that_of_the_whole_event(cpod, name):
    schema = cpod("schema", name).json
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["properties"]["type"] == {"const": name}
    assert {"specversion", "id", "source", "type", "time", "data"} == set(schema["required"])
    data = schema["properties"]["data"]
    fields = {field.alias or key for key, field in BY_NAME[name].model_fields.items()}
    assert set(data["properties"]) == fields
    assert data["additionalProperties"] is False
    for pattern in patterns(schema):
        assert re.compile(pattern).search("a\x1bb") is None


def test_every_reference_of_a_schema_leads_somewhere(cpod):
    text = cpod("schema", "package.purchased").out
    schema = json.loads(text)
    for reference in re.findall(r'"\$ref": "#/\$defs/(\w+)"', text):
        assert reference in schema["$defs"]


def test_ndjson_has_a_schema_in_one_line_and_csv_has_none(cpod):
    assert cpod("schema", "case.opened", "--format", "ndjson").out.count("\n") == 1
    assert cpod("schema", "case.opened", "--format", "csv").exit == 2


def test_the_first_sentence_is_found_over_line_ends():
    assert first_sentence("One thing\n    happened. And more.") == "One thing happened."
    assert first_sentence("Only one: this.") == "Only one: this."
