"""What is wrong with the data of an event, in one sentence that names the field."""

from collections.abc import Iterable
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ledger.domain.persons import PersonalValue, is_sent_on, marks_erased
from ledger.domain.refusals import Refusal, shown
from ledger.messages import Words, words_of

_LONGEST: Final = 300
"""Characters of a sentence: it is for people, and the line itself is kept whole."""

_MARKED: Final = Words("this marks a person who is erased: it names nobody")

_SENTENCES: Final[dict[str, Words]] = {
    "missing": Words("this field is required"),
    "extra_forbidden": Words("the type {type_name} has no such field"),
    "string_type": Words("a text is expected"),
    "string_too_short": Words("it is empty"),
    "string_too_long": Words("it has at most {max_length} characters"),
    "literal_error": Words("it is one of {expected}"),
    "bool_type": Words("it is true or false"),
    "tuple_type": Words("a list is expected"),
    "model_type": Words("an object is expected"),
}


def first_error(wrong: ValidationError, type_name: str) -> str:
    """Return the first of the errors as `data.field: sentence`, and how many more there are."""
    errors = wrong.errors(include_url=False, include_input=False)
    path, said = _path(errors[0]["loc"]), _sentence(errors[0], type_name)
    sentence = Words("{place}: {wrong}", place=path, wrong=said)
    if len(errors) > 1:
        sentence = Words("{wrong} (and {count} more)", wrong=sentence, count=len(errors) - 1)
    return sentence if len(sentence) <= _LONGEST else f"{sentence[: _LONGEST - 3]}..."


def marked(said: Iterable[PersonalValue], *, exported: bool = True) -> Refusal | None:
    """Return why what an event says of persons and groups is refused: one is a mark.

    The one that an export writes is accepted, but where the event cannot be `exported`.
    """
    for value in said:
        if marks_erased(value.text) and not (exported and is_sent_on(value.text)):
            reason = Words("{place}: {wrong}", place=f"data.{value.field}", wrong=_MARKED)
            return Refusal("invalid-data", reason)
    return None


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


def _sentence(error: ErrorDetails, type_name: str) -> Words:
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        return words_of(context["error"])
    if error["type"] == "string_pattern_mismatch":
        return _form(str(context["pattern"]))
    template = _SENTENCES.get(error["type"])
    if template is None:
        plain = error["msg"]
        return Words(plain)
    return Words(template, type_name=type_name, **context)


def _form(pattern: str) -> Words:
    """Return what a pattern of `ledger.domain.events.fields` asks for, in words."""
    if not pattern.startswith("^("):
        return Words("it has no control characters")
    prefixes = pattern[2 : pattern.index(")")].split("|")
    forms = " or ".join(f"{prefix}:ID" for prefix in prefixes)
    return Words("it is written as {forms}", forms=forms)
