"""The oracle asked the same, and where the product says something else."""

from playing import consumables

ORDERED = ("reasons", "statement")  # what stands in an order that is a part of the answer
NAMES = ("contract", "package", "entitlement", "case", "service", "unit", "as_needed", "position")


def ask_oracle(oracle, as_of, known_at=None, workspaces=None, basis="as-of"):
    """Every answer of the oracle for two dates and a scope, by the names of the product's."""
    when = {"as_of": as_of, "known_at": known_at}
    scoped = when | {"workspaces": workspaces}
    listed = scoped | {"expiry_basis": basis}
    answers = {
        "packages": oracle.packages(**scoped, kind="all", state="all"),
        "summary": oracle.summary(**scoped),
        "additional": oracle.additional(**listed),
        "unplaced": oracle.unplaced(**when),
        "unplaced all": oracle.unplaced(**when, all=True),
    }
    for which in ("main", "additional", "all"):
        answers[f"cases {which}"] = oracle.cases(**listed, which=which)
    for package, entitlement in consumables(answers["packages"]):
        answers[f"statement {package} {entitlement}"] = oracle.statement(
            package, entitlement, **when
        )
    return answers


def differences(expected, actual, at=""):
    """Where an answer says something else than is expected; it may say more."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return [
            found
            for key, value in expected.items()
            for found in differences(value, actual.get(key, "(missing)"), f"{at}.{key}")
        ]
    if isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            return [f"{at}: {len(expected)} are expected, not {len(actual)}: {expected} / {actual}"]
        if not any(word in at for word in ORDERED):
            expected, actual = (sorted(items, key=identity) for items in (expected, actual))
        return [
            found
            for number, (wanted, item) in enumerate(zip(expected, actual, strict=True))
            for found in differences(wanted, item, f"{at}[{number}]")
        ]
    same = type(expected) is type(actual) and expected == actual
    return [] if same else [f"{at}: {expected!r} is expected, not {actual!r}"]


def identity(item):
    """What tells the items of a list apart."""
    return [str(item.get(name)) for name in NAMES] if isinstance(item, dict) else [str(item)]
