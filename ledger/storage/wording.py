"""What is wrong with the data of an event, in one sentence that names the field."""

from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ledger.domain.refusals import shown

_LONGEST: Final = 300
"""Characters of a sentence: it is for people, and the line itself is kept whole."""

_SENTENCES: Final[dict[str, str]] = {
    "missing": "this field is required",
    "extra_forbidden": "the type {type_name} has no such field",
    "string_type": "a text is expected",
    "string_too_short": "it is empty",
    "string_too_long": "it has at most {max_length} characters",
    "literal_error": "it is one of {expected}",
    "bool_type": "it is true or false",
    "tuple_type": "a list is expected",
    "model_type": "an object is expected",
}


def first_error(wrong: ValidationError, type_name: str) -> str:
    """Return the first of the errors as `data.field: sentence`, and how many more there are."""
    errors = wrong.errors(include_url=False, include_input=False)
    sentence = f"{_path(errors[0]['loc'])}: {_sentence(errors[0], type_name)}"
    if len(errors) > 1:
        sentence = f"{sentence} (and {len(errors) - 1} more)"
    return sentence if len(sentence) <= _LONGEST else f"{sentence[: _LONGEST - 3]}..."


def _path(location: tuple[int | str, ...]) -> str:
    path = "data"
    for step in location:
        if isinstance(step, int):
            path = f"{path}[{step}]"
        elif step.isidentifier():
            path = f"{path}.{step}"
        else:
            path = f"{path}.{shown(step)}"
    return path


def _sentence(error: ErrorDetails, type_name: str) -> str:
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        return str(context["error"])
    if error["type"] == "string_pattern_mismatch":
        return _form(str(context["pattern"]))
    template = _SENTENCES.get(error["type"])
    return template.format(type_name=type_name, **context) if template else error["msg"]


def _form(pattern: str) -> str:
    """Return what a pattern of `ledger.domain.events.fields` asks for, in words."""
    if not pattern.startswith("^("):
        return "it has no control characters"
    prefixes = pattern[2 : pattern.index(")")].split("|")
    return f"it is written as {' or '.join(f'{prefix}:ID' for prefix in prefixes)}"
