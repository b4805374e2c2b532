"""Waiting for messages: never without a word, and ever more seldom with one."""

import pytest
from sending import Desk, workspace

from ledger.commands.ingest.retry import Patience
from ledger.commands.sources.broker import Feeding, feed_in
from ledger.commands.sources.messages import Message
from ledger.errors import UsageError


def test_a_word_comes_ever_more_seldom():
    """As long as nothing comes; with the next message it begins again."""
    now = [0.0]
    said = []

    class Quiet:
        name = "nats://b/S"

        def fetch(self, most, seconds):
            now[0] += seconds
            if now[0] == 200:
                return [Message(1, workspace(), (), None)]
            if now[0] > 250:
                raise KeyboardInterrupt
            return []

        def left(self):
            return 3, 1

        def acknowledge(self, messages):
            pass

    desk = Desk()
    with desk.ledger._judging() as engine, pytest.raises(KeyboardInterrupt):
        Feeding(
            *(engine, Quiet()),
            batch_size=1,
            until_empty=False,
            patience=Patience(0),
            on_word=lambda word: said.append((int(now[0]), str(word))),
            clock=lambda: now[0],
        ).run()
    assert [when for when, _ in said] == [10, 20, 40, 80, 160, 210, 220, 240]
    assert said[1][1].startswith("no message of nats://b/S for 20 s: 3 wait there, 1 were")


class Gone:
    """A feed that has one message, and is gone then."""

    name = "nats://b/S"

    def __init__(self):
        self._messages = [Message(1, workspace(), (), None)]
        self.acknowledged = []

    def fetch(self, most, seconds):
        found, self._messages = self._messages, []
        return found

    def left(self):
        raise UsageError("it is gone")

    def acknowledge(self, messages):
        self.acknowledged += messages


def test_what_is_gone_ends_the_run_and_what_was_committed_is_acknowledged():
    desk, feed, told = Desk(), Gone(), []
    with desk.ledger._judging() as engine, pytest.raises(UsageError):
        feed_in(
            *(engine, feed),
            batch_size=1,
            until_empty=True,
            patience=Patience(0),
            on_stop=told.append,
        )
    assert len(feed.acknowledged) == 1
    assert [receipt.appended for receipt in told] == [1]
