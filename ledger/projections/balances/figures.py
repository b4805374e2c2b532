"""Balances: the figures of one consumable, or of several as one line, as views show them.

Figures that would give away cases which the viewer may not see are null.
"""

from collections.abc import Sequence

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.projections.balances.accounts import Account, Period
from ledger.projections.question import Question, quantity, total


def figures(
    question: Question, unit: str, accounts: Sequence[Account], periods: Sequence[Period | None]
) -> dict[str, object]:
    """Return the figures of accounts of one unit, and of the period where one is asked for."""
    hidden = question.hides(unit)

    def shown(amount: int | None) -> str | None:
        return None if hidden else quantity(amount)

    found: dict[str, object] = {
        "granted": quantity(total(account.granted for account in accounts)),
        "consumed": shown(sum(account.consumed for account in accounts)),
        "consumed_in_scope": shown(sum(account.consumed_in_scope for account in accounts)),
        "used_elsewhere": shown(sum(account.used_elsewhere for account in accounts)),
        "expired": shown(sum(account.expired for account in accounts)),
        "reserved": quantity(sum(account.reserved for account in accounts)),
        "remaining": shown(total(account.remaining for account in accounts)),
        "available": shown(total(account.available for account in accounts)),
        "overage": shown(sum(account.overage for account in accounts)),
        "delivered_hours": quantity(sum(account.delivered_hours for account in accounts)),
    }
    if question.period_day is not None:
        used = [period for period in periods if period is not None]
        found |= {
            "consumed_in_period": shown(sum(period.consumed for period in used)),
            "consumed_in_scope_in_period": shown(sum(period.consumed_in_scope for period in used)),
            "delivered_hours_in_period": quantity(sum(period.delivered_hours for period in used)),
        }
    return found


def consumable_answer(question: Question, package: Package, line: PackageLine) -> dict[str, object]:
    """Return the balance of a consumable as views show it; hidden figures are null."""
    account = question.account(package, line)
    return {
        "entitlement": line.entitlement.entitlement,
        "name": line.entitlement.name,
        "service": line.entitlement.service,
        "unit": account.unit,
        **figures(question, account.unit, [account], [question.period(package, line)]),
    }
