"""Proving a report: it is given the events that it rests on, and the way from them to a seal.

What is given away was verified first, as others will verify it: the events lead to the sealed root,
and nothing but them gives the same report.
"""

import json
from collections.abc import Callable

from ledger.audit.prove import assert_ours, last_seal
from ledger.audit.report_proof import ReportProof, whole_streams, written
from ledger.audit.verify_report import assert_proved
from ledger.errors import Damaged, ProofFailed, UsageError
from ledger.messages import Words
from ledger.projections.filters import Answer
from ledger.projections.history.report_events import rests_on, streams_of
from ledger.projections.question import Question
from ledger.projections.views import report
from ledger.proof.merkle import Tree
from ledger.proof.several import missing_ranges
from ledger.storage.log import LogReader


def proved_report(log: LogReader, note: bytes | None = None) -> Callable[[Question], Answer]:
    """Return the view of a report that carries its proof, by a checkpoint, else by the last seal.

    Raises UsageError where what the report is known at is not under it, and ProofFailed for a
    checkpoint that this ledger does not have. The view raises what the report raises, and Damaged
    where the events are not those that were hashed.
    """
    note = last_seal(log) if note is None else note
    checkpoint = assert_ours(log, note)

    def answer(question: Question) -> Answer:
        question.operator_only(Words("a report that carries its proof"))
        if question.position > checkpoint.size:
            raise UsageError(
                "the report is known at position {position}, and this checkpoint is of {size} "
                "events: seal again, or ask --known-at {size}",
                position=question.position,
                size=checkpoint.size,
            )
        found = report.answer(question)
        contract = question.filters.contracts[0]
        positions = rests_on(question, found)
        rows = log.at(positions)
        ranges = missing_ranges([position - 1 for position in positions], checkpoint.size)
        proof = ReportProof(
            checkpoint=note,
            rows=rows,
            hashes=Tree(log.nodes).hashes(ranges),
            whole=whole_streams(rows, streams_of(question, contract)),
        )
        proved: Answer = json.loads(json.dumps({**found, "proof": written(proof)}))
        try:
            assert_proved(proved, checkpoint)
        except ProofFailed as wrong:
            raise Damaged(
                "the report cannot be proved ({wrong}): `cpod check --books` says more; restore "
                "the ledger from a copy",
                wrong=wrong,
            ) from None
        return proved

    return answer
