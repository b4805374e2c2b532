"""Everything that can stop a command, each with its stable code and its exit code.

    CpodError
    |-- UsageError          2   usage
    |-- NotAllowed          3   not-allowed
    |-- NotFound            4   not-found            no such contract, package, entitlement, case...
    |   `-- NoLedger        4   no-ledger            nothing there yet
    |-- LedgerTrouble       5
    |   |-- LedgerBusy      5   ledger-busy          another process holds the write lock too long
    |   |-- LedgerReadOnly  5   ledger-read-only     the file or its directory cannot be written
    |   |-- LedgerFull      5   ledger-full          the disk is full
    |   |-- LedgerUnreachable 5 ledger-unreachable   it cannot be opened, or the disk fails
    |   |-- LedgerReplaced  5   ledger-replaced      its file was replaced, or removed, meanwhile
    |   |-- NotALedger      5   not-a-ledger         a file, but none of ours
    |   |-- NewerLedger     5   newer-ledger         written by a later version
    |   |-- LedgerNotShared 5   ledger-not-shared    opened by another thread, or another process
    |   |-- LedgerClosed    5   ledger-closed        closed before it was used
    |   `-- ProcessEnded    5   process-ended        a process that helped is gone
    |-- NoSpool             5   no-spool             compressed input by a pipe cannot be kept
    |-- BrokerUnreachable   5   broker-unreachable   where messages come from does not answer
    |-- Damaged             6   damaged              ours, and no longer whole
    |   `-- BooksDamaged    6   books-damaged        what is derived; the events are whole
    `-- ProofFailed         6   proof-failed         a seal or a proof that does not hold

A message is one line that says what happened and what to do. What is refused on input is no error:
see `ledger.domain.refusals`. Anything else that is raised is a bug.
"""

from typing import ClassVar, Self

from ledger.messages import Words


class CpodError(Exception):
    """What stops a command, for a reason that its user can act upon."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 70

    def __init__(self, text: str | Exception, /, **values: object) -> None:
        """Take a text in English and what fills its places, or an error that says it already.

        A text with values is a template, so that it can be said in another language.
        """
        super().__init__(Words(text, **values) if isinstance(text, str) and values else text)

    def __str__(self) -> str:
        """Return the message in one line, whatever it was made of."""
        return " ".join(str(self.args[0]).split())


class UsageError(CpodError):
    """The command was given something that it cannot take."""

    code = "usage"
    exit_code = 2


class NotAllowed(CpodError):
    """The viewer may not see or do this."""

    code = "not-allowed"
    exit_code = 3


class NotFound(CpodError):
    """There is no such contract, package, entitlement, case, workspace, event or person."""

    code = "not-found"
    exit_code = 4


class NoLedger(NotFound):
    """There is no ledger where one was asked for."""

    code = "no-ledger"


class LedgerTrouble(CpodError):
    """The ledger cannot be used as it is, or where it is."""

    code = "ledger-trouble"
    exit_code = 5


class LedgerBusy(LedgerTrouble):
    """Another process has held the ledger for longer than we wait."""

    code = "ledger-busy"


class LedgerReadOnly(LedgerTrouble):
    """The ledger cannot be written where it is."""

    code = "ledger-read-only"


class LedgerFull(LedgerTrouble):
    """There is no space left; nothing of the transaction was written."""

    code = "ledger-full"


class LedgerUnreachable(LedgerTrouble):
    """The ledger cannot be opened, or its disk does not answer."""

    code = "ledger-unreachable"


class LedgerReplaced(LedgerTrouble):
    """The file of the ledger was replaced or removed while it was written."""

    code = "ledger-replaced"


class NotALedger(LedgerTrouble):
    """There is something, but it is no ledger of ours."""

    code = "not-a-ledger"


class NewerLedger(LedgerTrouble):
    """The ledger was written by a later version of this program."""

    code = "newer-ledger"


class LedgerNotShared(LedgerTrouble):
    """A program used a Ledger that another thread or process had opened; each opens its own."""

    code = "ledger-not-shared"


class LedgerClosed(LedgerTrouble):
    """A program used a Ledger after it had closed it; it opens another one."""

    code = "ledger-closed"


class ProcessEnded(LedgerTrouble):
    """A second process of the command was ended; what was committed before stays."""

    code = "process-ended"


class NoSpool(CpodError):
    """Compressed input that comes by a pipe cannot be kept on disk until it is verified."""

    code = "no-spool"
    exit_code = 5


class BrokerUnreachable(CpodError):
    """The broker that messages come from does not answer, or has been away for too long."""

    code = "broker-unreachable"
    exit_code = 5


class Damaged(CpodError):
    """The ledger is ours, and something in it is missing or not what was written."""

    code = "damaged"
    exit_code = 6


class BooksDamaged(Damaged):
    """What the books hold cannot be read any more; the events are not concerned."""

    code = "books-damaged"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            Words("the books beside the ledger are damaged: `cpod rebuild` makes them anew")
        )

    def __reduce__(self) -> tuple[type[Self], tuple[()]]:
        """Return how another process makes it: of nothing, as here."""
        return type(self), ()


class ProofFailed(CpodError):
    """A seal, a proof, or what they are said to prove, does not hold."""

    code = "proof-failed"
    exit_code = 6
