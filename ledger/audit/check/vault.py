"""Checking the vault: what events say of persons is there, is theirs, and is what was committed to.

Of a person who is erased only this can be checked: that nothing but the number is left, that the
register says so, and that there is a sealed text for each commitment. The sealed text is noise.
"""

import json
from collections.abc import Mapping

from ledger.audit.check.findings import Findings
from ledger.errors import Damaged
from ledger.storage.audit import Audit
from ledger.storage.vault.commitments import commit
from ledger.storage.vault.rows import ERASED, Person, SealedText
from ledger.storage.vault.vault import digest_of, is_erased, unseal


def check_vault(audit: Audit, commitments: Mapping[bytes, int], findings: Findings) -> None:
    """Check the vault; `commitments` are those of all events, with the first position of each."""
    try:
        check = _Check(audit, findings)
        check.persons(audit)
        check.texts(audit)
        check.events(commitments)
        check.register(audit)
    except (Damaged, TypeError, ValueError, OverflowError, AttributeError) as wrong:
        findings.damage("vault", None, f"the vault cannot be read ({wrong})")
        return
    findings.prove("vault", persons=len(check.known), texts=len(check.kept))


class _Check:
    def __init__(self, audit: Audit, findings: Findings) -> None:
        self._ledger_id = audit.ledger_id()
        self._findings = findings
        self._named: set[int] = set()
        self._erased: set[int] = set()
        self.known: dict[int, Person] = {}
        self.kept: set[bytes] = set()

    def _damage(self, reason: str, position: int | None = None) -> None:
        self._findings.damage("vault", position, reason)

    def persons(self, audit: Audit) -> None:
        """Persons are 1, 2, 3... and none is gone."""
        for expected, person in enumerate(audit.persons(), 1):
            if person.number != expected:
                self._damage(f"person {expected} is gone, or was never one")
            self.known[person.number] = person
            if is_erased(person):
                self._erased.add(person.number)
                self._named.add(person.number)

    def texts(self, audit: Audit) -> None:
        """Every text opens under the key of its person, and is what its commitment says."""
        with_texts = set()
        for text in audit.texts():
            self.kept.add(text.commitment)
            with_texts.add(text.person)
            person = self.known.get(text.person)
            if person is None:
                self._damage(f"a text is kept of person {text.person}, who is not there")
            elif text.person not in self._erased:
                self._open(person, text)
        for number in sorted(self.known.keys() - with_texts):
            self._damage(f"nothing is kept of person {number}")
        for number in sorted(with_texts & self.known.keys() - self._named):
            self._damage(f"person {number} is found by another id than the one that is kept")

    def _open(self, person: Person, text: SealedText) -> None:
        opened = unseal(person.key, text.commitment, text.sealed)
        if opened is None:
            self._damage(f"a text of person {person.number} cannot be opened with the key")
        elif commit(person.salt, opened) != text.commitment:
            self._damage(f"a text of person {person.number} is not what was committed to")
        elif person.number not in self._named and person.digest == self._digest(opened):
            self._named.add(person.number)

    def _digest(self, name: str) -> bytes:
        return digest_of(self._ledger_id, name)

    def events(self, commitments: Mapping[bytes, int]) -> None:
        """Every commitment in an event has its text, and every text an event."""
        for commitment, position in commitments.items():
            if commitment not in self.kept:
                self._damage("what it says of a person is gone", position)
        if len(self.kept - commitments.keys()):
            self._damage("a text is kept that no event names")

    def register(self, audit: Audit) -> None:
        """Who is erased stands in the register, once."""
        said = [
            json.loads(detail).get("person") for what, detail in audit.register() if what == ERASED
        ]
        if sorted(said) != sorted(self._erased):
            self._damage("the persons who are erased are not those that the register names")
