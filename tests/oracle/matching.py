"""When an answer matches what an example expects: a part of it, lists in any order."""

MORE = "..."


def matches(expected, actual, at="answer") -> list[str]:
    """The differences between a part that is expected and an answer; none when it matches."""
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return [f"{at}: an object is expected, not {actual!r}"]
        found = []
        for key, value in expected.items():
            found += (
                matches(value, actual[key], f"{at}.{key}")
                if key in actual
                else [f"{at}.{key}: is missing"]
            )
        return found
    if isinstance(expected, list):
        return list_differences(expected, actual, at)
    if type(expected) is type(actual) and expected == actual:
        return []
    return [f"{at}: {expected!r} is expected, not {actual!r}"]


def list_differences(expected, actual, at) -> list[str]:
    """The differences of a list: as many items (or "..."), each with a partner."""
    if not isinstance(actual, list):
        return [f"{at}: a list is expected, not {actual!r}"]
    may_hold_more = bool(expected) and expected[-1] == MORE
    wanted = expected[:-1] if may_hold_more else expected
    if len(actual) < len(wanted) or (len(actual) > len(wanted) and not may_hold_more):
        return [f"{at}: {len(wanted)} items are expected, not {len(actual)}: {actual!r}"]
    partner_of = {}  # index in actual -> index in wanted
    return [
        f"{at}: nothing left matches {item!r}; nearest: {nearest(item, actual, at)}"
        for index, item in enumerate(wanted)
        if not find_partner(index, wanted, actual, partner_of, set())
    ]


def find_partner(index, wanted, actual, partner_of, tried) -> bool:
    """Give an expected item a partner, moving those of others where that helps."""
    for candidate, item in enumerate(actual):
        if candidate in tried or matches(wanted[index], item):
            continue
        tried.add(candidate)
        if candidate not in partner_of or find_partner(
            partner_of[candidate], wanted, actual, partner_of, tried
        ):
            partner_of[candidate] = index
            return True
    return False


def nearest(item, actual, at) -> str:
    """The fewest differences that any item of a list has from an expected one."""
    if not actual:
        return "the list is empty"
    return "; ".join(
        min((matches(item, other, f"{at}[{i}]") for i, other in enumerate(actual)), key=len)
    )
