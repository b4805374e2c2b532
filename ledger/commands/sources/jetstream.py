"""JetStream: a feed of the NATS broker, by a durable pull consumer that acknowledges explicitly.

The client library is asynchronous; its loop runs in a thread of its own, and whoever asks waits.
The client reconnects by itself. A broker that is away for too long ends the run, and so does a
stream or consumer that is gone or cannot be relied on.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ledger.commands.sources.broker_address import BrokerAddress
from ledger.commands.sources.messages import Message
from ledger.commands.sources.nats_headers import all_of, client_class
from ledger.errors import BrokerUnreachable, UsageError
from ledger.messages import Tell, Words
from ledger.stop_signals import block_own_signals

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext
    from nats.js.api import ConsumerConfig, ConsumerInfo

AWAY_SECONDS: Final = 30.0
"""How long a broker may be away."""

_ANSWER_SECONDS: Final = 5.0
_NAP_SECONDS: Final = 0.25
_LEAST: Final = 1 / 1024
"""Lower bound of the share of a batch that is requested."""

_Value = TypeVar("_Value")


class JetStreamFeed:
    """The messages of one consumer."""

    def __init__(self, place: BrokerAddress, on_word: Tell = lambda _: None) -> None:
        """Connect, and create the consumer if there is none.

        Raises UsageError if the client is not installed, there is no such stream, or the consumer
        cannot be relied on, and BrokerUnreachable.
        """
        try:
            import nats
            from nats.js.errors import NotFoundError, ServiceUnavailableError
        except ImportError:
            raise UsageError(
                "a broker needs the package nats-py: install cpod with its extra `nats`"
            ) from None
        logging.getLogger("nats").addHandler(logging.NullHandler())  # as `_hear`
        self._place = place
        self._on_word = on_word
        self._errors: tuple[type[Exception], ...] = (nats.errors.Error, OSError, TimeoutError)
        self._missing: type[Exception] = NotFoundError
        self._not_there: type[Exception] = ServiceUnavailableError
        self._idle: type[Exception] = nats.errors.TimeoutError
        self._client: Client | None = None
        self._stream: JetStreamContext | None = None
        self._subscription: JetStreamContext.PullSubscription | None = None
        self._said: Exception | None = None
        """The last asynchronous error of the client."""
        self._part = 1.0
        """Share of a batch, and of the time for it, that is requested: consumers have limits."""
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _loop, _context: None)  # as `_hear`
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        try:
            self._wait(self._open())
        except self._missing:
            self.close()
            raise self._no_stream() from None
        except self._errors as wrong:
            self.close()
            raise self._away(wrong) from None
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        """Return where the messages are, without a password."""
        return self._place.name

    def _work(self) -> None:
        """Speak to the broker: what the thread does."""
        block_own_signals()
        self._loop.run_forever()

    def _wait(self, work: Coroutine[Any, Any, _Value]) -> _Value:
        """Return what comes of work in the loop; an interrupt ends the wait, and the work."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    async def _open(self) -> None:
        import nats
        from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

        # A client that may reconnect tries for long at the first time, too; this one says at once
        # whether there is a broker that lets us in.
        probe = await nats.connect(
            self._place.server,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=1,
            connect_timeout=int(_ANSWER_SECONDS),
            error_cb=self._hear,
        )
        await probe.close()
        self._client = client_class()()
        await self._client.connect(
            self._place.server,
            name="cpod",
            allow_reconnect=True,
            connect_timeout=int(_ANSWER_SECONDS),
            reconnect_time_wait=1,
            max_reconnect_attempts=int(AWAY_SECONDS),
            error_cb=self._hear,
        )
        self._stream = self._client.jetstream(timeout=_ANSWER_SECONDS)
        await self._stream.stream_info(self._place.stream)
        with suppress(self._missing):  # created below
            await self._consumer()
        self._subscription = await self._stream.pull_subscribe(
            self._place.subject,
            durable=self._place.consumer,
            stream=self._place.stream,
            config=ConsumerConfig(
                ack_policy=AckPolicy.EXPLICIT, deliver_policy=DeliverPolicy.ALL, max_deliver=-1
            ),
        )

    async def _hear(self, error: Exception) -> None:
        """Keep an error of the client, which would print it otherwise."""
        self._said = error

    async def _consumer(self) -> "ConsumerInfo":
        """Return the state of the consumer. Raises UsageError if it cannot be relied on."""
        assert self._stream is not None
        found: ConsumerInfo = await self._stream.consumer_info(
            self._place.stream, self._place.consumer
        )
        wrong = _wrong_with(found.config)
        if wrong is not None:
            raise UsageError(
                "the consumer {consumer} of {name} {wrong}: name a pull consumer with explicit "
                "acknowledgement, or one that is not there yet, which is made",
                consumer=self._place.consumer,
                name=self.name,
                wrong=wrong,
            )
        subjects = found.config.filter_subjects or (found.config.filter_subject,)
        if self._place.subject and tuple(subjects) != (self._place.subject,):
            raise UsageError(
                "the consumer {consumer} of {name} is there, for other subjects than {subject}: "
                "name another one, or no subject",
                consumer=self._place.consumer,
                name=self.name,
                subject=self._place.subject,
            )
        return found

    async def _left(self) -> tuple[int, int]:
        """Return what `left` does. Raises UsageError if the consumer or its stream is gone."""
        assert self._stream is not None
        for _ in range(2):  # a broker that has just started may not have it yet
            with suppress(self._missing):
                found = await self._consumer()
                return found.num_pending or 0, found.num_ack_pending or 0
            await asyncio.sleep(_NAP_SECONDS)
        await self._stream.stream_info(self._place.stream)
        raise UsageError(
            "the consumer {consumer} of {name} is gone: the same command makes it again, and what "
            "is recorded already counts as duplicate",
            consumer=self._place.consumer,
            name=self.name,
        )

    def _no_stream(self) -> UsageError:
        return UsageError(
            "{host} has no stream {stream}: name one, or make it first",
            host=self._place.host,
            stream=self._place.stream,
        )

    def _away(self, wrong: BaseException) -> BrokerUnreachable:
        if isinstance(wrong, self._not_there):
            reason: object = Words("JetStream is not enabled there, or not ready")
        else:
            if isinstance(wrong, TimeoutError) and self._said is not None:
                wrong = self._said
            said = type(wrong).__name__ if self._place.server in str(wrong) else str(wrong)
            reason = said or type(wrong).__name__
        return BrokerUnreachable(
            "the broker at {host} does not answer ({reason}): start it, or check the address; "
            "what was committed stays",
            host=self._place.host,
            reason=reason,
        )

    def fetch(self, most: int, seconds: float) -> list[Message]:
        """Return up to `most` messages; none where none came for that long."""
        assert self._subscription is not None
        until = time.monotonic() + AWAY_SECONDS
        was_said = False
        while True:
            count, patience = max(1, int(most * self._part)), max(0.1, seconds * self._part)
            try:
                found = self._wait(self._subscription.fetch(count, timeout=patience))
            except self._idle:
                if self._client is not None and self._client.is_connected:
                    return []
                wrong: Exception = TimeoutError("it is away")
            except self._errors as error:
                wrong = error
            else:
                if not found:  # more than a limit of the consumer allows
                    self._part = max(self._part / 2, _LEAST)
                    time.sleep(_NAP_SECONDS)
                return [_message(one) for one in found]
            is_over = was_said and time.monotonic() > until
            if self._client is None or self._client.is_closed or is_over:
                raise self._away(wrong)
            self.left()
            if not was_said:
                self._on_word(
                    Words(
                        "the broker at {host} is away: it is waited for, {seconds} s at most",
                        host=self._place.host,
                        seconds=int(AWAY_SECONDS),
                    )
                )
                was_said = True
            time.sleep(_NAP_SECONDS)

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Tell the broker; where it is away it will deliver them again, which changes nothing."""
        with suppress(*self._errors):
            self._wait(self._acknowledge(messages))

    async def _acknowledge(self, messages: Sequence[Message]) -> None:
        assert self._client is not None
        for message in messages:
            await message.token.ack()
        await self._client.flush(timeout=int(_ANSWER_SECONDS))

    def left(self) -> tuple[int, int] | None:
        """Return how many messages wait, and how many were delivered and not acknowledged yet."""
        if self._client is None or not self._client.is_connected:
            return None  # the next fetch waits for it
        try:
            return self._wait(self._left())
        except self._missing:
            raise self._no_stream() from None
        except self._errors:
            return None

    def close(self) -> None:
        """Let go of the broker."""
        if self._client is not None and not self._client.is_closed:
            with suppress(*self._errors):
                self._wait(asyncio.wait_for(self._client.close(), _ANSWER_SECONDS))
        with suppress(*self._errors):
            self._wait(_cancel_the_others())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ANSWER_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()


async def _cancel_the_others() -> None:
    """Cancel the tasks that the client leaves in the loop."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.wait_for(asyncio.gather(*others, return_exceptions=True), _ANSWER_SECONDS)


def _wrong_with(config: "ConsumerConfig") -> Words | None:
    """Return why a consumer could lose messages unnoticed, None if it could not."""
    if config.deliver_subject:
        return Words("pushes its messages, and cannot be asked for them")
    if config.ack_policy != "explicit":
        return Words("does not wait until each message is acknowledged")
    if config.headers_only:
        return Words("leaves out the bodies of its messages")
    return None


def _message(one: Any) -> Message:
    return Message(one.metadata.sequence.stream, one.data, all_of(one.headers), one)
