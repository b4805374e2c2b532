"""What a decision may ask of the log, within the transaction that will append what it accepts."""

from collections.abc import Callable, Sequence
from typing import Final

from ledger.domain.aggregates.contract import fold_contract
from ledger.domain.aggregates.package import fold_package, withdrawals
from ledger.domain.events.contracts import ContractSigned
from ledger.domain.events.entitlements import EntitlementAdded
from ledger.domain.events.fields import Event
from ledger.domain.events.packages import PackagePurchased
from ledger.domain.events.workspaces import WorkspaceCreated
from ledger.domain.recorded import Recorded, event_key, in_order
from ledger.domain.refusals import SEPARATOR
from ledger.storage.codec import Codec
from ledger.storage.log import Head, Writer

Balance = Callable[[Writer, str, str, int], int | None]
"""Returns the amount available on (package, entitlement) at an instant; None where as needed."""

Membership = Callable[[Writer, str, int], frozenset[str]]
"""Returns the groups that a user belongs to at an instant."""

STREAMS_KEPT: Final = 50_000
"""Streams whose terms or versions are kept between transactions; beyond, all are read again."""


class Knowledge:
    """The recorded terms, kept from one transaction to the next while nobody else writes.

    Whoever judges a batch calls `begin` with its writer, `accept` for each term that it will
    append, `appended` once it has, and `keep` or `forget` when the transaction is over.
    """

    def __init__(self, codec: Codec, balance: Balance, membership: Membership) -> None:
        """Take what reads stored events, and the two questions that need more than terms."""
        self._codec = codec
        self._balance = balance
        self._membership = membership
        self._left: Head | None = None
        self._writer: Writer | None = None
        self._flush: Callable[[], None] = _nothing
        self._terms: dict[str, list[Recorded]] = {}
        self._pending: dict[str, Recorded] = {}
        self.versions: dict[str, int] = {}
        """The last version of each stream, with what is accepted."""
        self.homes: dict[str, str | None] = {}
        """Where each subject lives, with what is accepted; None where it has no home yet."""
        self.kept: set[bytes] = set()
        """Commitments to texts that are in the vault, with what is accepted."""
        self._erased = b""

    def begin(self, writer: Writer, flush: Callable[[], None]) -> None:
        """Ask this writer from now on; `flush` appends what was accepted and not yet appended."""
        erased = writer.erased()
        known = len(self._terms) + len(self.versions)
        if writer.head != self._left or erased != self._erased or known > STREAMS_KEPT:
            self.forget()
        self._erased = erased
        self._codec.forget(erased)
        self._codec.vault.enter(writer)
        self._writer = writer
        self._flush = flush

    def keep(self, left: Head) -> None:
        """Keep what is known: the transaction was committed, and left the log at that head."""
        self._codec.vault.leave()
        self._writer = None
        self._left = left
        if len(self.homes) > STREAMS_KEPT:
            self.homes.clear()
        if len(self.kept) > STREAMS_KEPT:
            self.kept.clear()

    def forget(self) -> None:
        """Know nothing any more: the transaction was undone, or somebody else has written."""
        self._codec.vault.leave()
        self._writer = None
        self._left = None
        self._terms.clear()
        self._pending.clear()
        self.versions.clear()
        self.homes.clear()
        self.kept.clear()

    def accept(self, term: Recorded) -> None:
        """Take in a term that will be appended; its position is the one that it will have."""
        self._pending[event_key(term.source, term.id)] = term
        if term.stream in self._terms:
            self._terms[term.stream].append(term)

    def appended(self) -> None:
        """Know that all that was accepted is in the log now."""
        self._pending.clear()

    @property
    def writer(self) -> Writer:
        """Return the writer of the open transaction."""
        assert self._writer is not None, "a decision is made within a transaction"
        return self._writer

    def terms(self, stream: str) -> Sequence[Recorded]:
        """Return the terms and corrections in a stream, reversed ones too, by position."""
        known = self._terms.get(stream)
        if known is None:
            known = [self._codec.recorded(row) for row in self.writer.terms(stream)]
            known += [term for term in self._pending.values() if term.stream == stream]
            self._terms[stream] = known
        return known

    def event(self, key: str) -> Recorded | None:
        """Return the event with that key, or None."""
        pending = self._pending.get(key)
        if pending is not None:
            return pending
        self._flush()
        row = self.writer.find([key]).get(key)
        return self._codec.recorded(row) if row is not None else None

    def exists(self, name: str) -> bool:
        """Return whether what a refused line waits for (`Refusal.waits_for`) is recorded."""
        kind, _, rest = name.partition(":")
        match kind:
            case "contract":
                return fold_contract(in_order(list(self.terms(name)))) is not None
            case "workspace":
                return any(isinstance(term.event, WorkspaceCreated) for term in self.terms(name))
            case "event":
                return self.event(rest) is not None
            case _:
                package, _, entitlement = rest.partition(SEPARATOR)
                terms = self.terms(f"package:{package}")
                found = fold_package(package, in_order(list(terms)), withdrawals(terms))
                return found is not None and (not entitlement or entitlement in found.lines)

    def available(self, package: str, entitlement: str, at: int) -> int | None:
        """Return the amount available on an entitlement at an instant; None where as needed."""
        self._flush()
        return self._balance(self.writer, package, entitlement, at)

    def groups(self, user: str, at: int) -> frozenset[str]:
        """Return the groups that a user belongs to at an instant."""
        self._flush()
        return self._membership(self.writer, user, at)


def brings(key: str, term: Event | None) -> list[str]:
    """Return the names (`Refusal.waits_for`) of what exists once an event is recorded.

    `term` is the event where it is a term: a fact brings nothing but itself.
    """
    names = [f"event:{key}"]
    match term:
        case WorkspaceCreated():
            names.append(f"workspace:{term.workspace}")
        case ContractSigned():
            names.append(f"contract:{term.contract}")
        case PackagePurchased():
            names.append(f"package:{term.package}")
            names += [_line(term.package, line.entitlement) for line in term.entitlements]
        case EntitlementAdded():
            names.append(_line(term.package, term.entitlement))
        case _:
            pass
    return names


def _line(package: str, entitlement: str) -> str:
    return f"entitlement:{package}{SEPARATOR}{entitlement}"


def _nothing() -> None:
    pass
