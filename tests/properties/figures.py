"""The figures of every consumable, as an answer of `packages` shows them."""

NAMES = (
    *("granted", "consumed", "expired", "reserved", "remaining", "available", "overage"),
    "delivered_hours",
)


def figures_of(side):
    """The figures of one side of a change; None where the balance is not there."""
    return side and {name: side[name] for name in NAMES}


def figures(packages):
    """The figures of every consumable of packages, by its place."""
    return {
        (package["package"], line["entitlement"]): figures_of(line)
        for package in packages
        for line in package["consumables"]
    }
