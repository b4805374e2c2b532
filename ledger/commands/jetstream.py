"""JetStream: a feed of the NATS broker, by a durable pull consumer that acknowledges explicitly.

The client library is asynchronous; its loop runs in a thread of its own, and whoever asks waits.
The connection comes back by itself; a broker that stays away too long ends the run.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from ledger.commands.feeds import Message
from ledger.errors import BrokerUnreachable, UsageError
from ledger.stops import block_own_signals

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

SCHEMES: Final = ("nats://", "tls://")
FORM: Final = "nats://HOST:PORT/STREAM?consumer=NAME"
AWAY_SECONDS: Final = 30.0
"""How long a broker may be away."""

_CONSUMER: Final = "cpod"
_PORT: Final = 4222
_ANSWER_SECONDS: Final = 5.0
_NAP_SECONDS: Final = 0.25
_FORBIDDEN: Final = frozenset(".*> \t\r\n\\/")
_KNOWN: Final = {"consumer", "subject"}

_Value = TypeVar("_Value")


class Place(NamedTuple):
    """Which stream of which broker, read by which consumer."""

    server: str
    """With the credentials, for the client alone."""
    host: str
    stream: str
    consumer: str
    subject: str
    """Only messages under it; empty: all of the stream."""

    @property
    def name(self) -> str:
        """Return where it is, without credentials."""
        return f"{self.host}/{self.stream}"


def is_feed(path: str) -> bool:
    """Return whether a path of ingest names a broker."""
    return path.lower().startswith(SCHEMES)


def read_place(url: str) -> Place:
    """Return what a URL names. Raises UsageError, which repeats nothing of a password."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORT
        given = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise UsageError("this is no address of a broker: give {form}", form=FORM) from None
    stream = unquote(parts.path.removeprefix("/"))
    consumer = given.get("consumer", [_CONSUMER])[-1]
    if not parts.hostname or not stream:
        raise UsageError("a broker's address names a host and a stream: give {form}", form=FORM)
    for name in (stream, consumer):
        if not name or _FORBIDDEN & set(name) or not name.isprintable():
            raise UsageError(
                "no stream or consumer can be named {name!r}: give {form}", name=name, form=FORM
            )
    unknown = sorted(given.keys() - _KNOWN)
    if unknown:
        raise UsageError(
            "an address of a broker has no {name}: give {form}[&subject=...]",
            name=unknown[0],
            form=FORM,
        )
    scheme = parts.scheme.lower()
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    credentials = parts.netloc.rpartition("@")[0]
    server = f"{scheme}://{credentials}{'@' if credentials else ''}{host}:{port}"
    name = f"{scheme}://{host}:{port}"
    return Place(server, name, stream, consumer, given.get("subject", [""])[-1])


class JetStreamFeed:
    """The messages of one consumer."""

    def __init__(self, place: Place) -> None:
        """Connect, and make the consumer where there is none.

        Raises UsageError where the client is not installed or there is no such stream, and
        BrokerUnreachable.
        """
        try:
            import nats
            from nats.js.errors import NotFoundError
        except ImportError:
            raise UsageError(
                "a broker needs the package nats-py: install cpod with its extra `nats`"
            ) from None
        logging.getLogger("nats").addHandler(logging.NullHandler())  # as `_say_nothing`
        self._place = place
        self._errors: tuple[type[Exception], ...] = (nats.errors.Error, OSError, TimeoutError)
        self._missing: type[Exception] = NotFoundError
        self._idle: type[Exception] = nats.errors.TimeoutError
        self._client: Client | None = None
        self._subscription: JetStreamContext.PullSubscription | None = None
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _loop, _context: None)  # as `_say_nothing`
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        try:
            self._wait(self._open())
        except self._missing:
            self.close()
            raise UsageError(
                "{host} has no stream {stream}: name one, or make it first",
                host=place.host,
                stream=place.stream,
            ) from None
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
            error_cb=_say_nothing,
        )
        await probe.close()
        self._client = await nats.connect(
            self._place.server,
            name="cpod",
            allow_reconnect=True,
            connect_timeout=int(_ANSWER_SECONDS),
            reconnect_time_wait=1,
            max_reconnect_attempts=int(AWAY_SECONDS),
            error_cb=_say_nothing,
        )
        stream = self._client.jetstream(timeout=_ANSWER_SECONDS)
        await stream.stream_info(self._place.stream)
        self._subscription = await stream.pull_subscribe(
            self._place.subject,
            durable=self._place.consumer,
            stream=self._place.stream,
            config=ConsumerConfig(
                ack_policy=AckPolicy.EXPLICIT, deliver_policy=DeliverPolicy.ALL, max_deliver=-1
            ),
        )

    def _away(self, wrong: BaseException) -> BrokerUnreachable:
        said = type(wrong).__name__ if self._place.server in str(wrong) else str(wrong)
        return BrokerUnreachable(
            "the broker at {host} does not answer ({reason}): start it, or check the address; "
            "what was committed stays",
            host=self._place.host,
            reason=said or type(wrong).__name__,
        )

    def fetch(self, most: int, seconds: float) -> list[Message]:
        """Return up to `most` messages; none where none came for that long."""
        assert self._subscription is not None
        until = time.monotonic() + AWAY_SECONDS
        while True:
            try:
                found = self._wait(self._subscription.fetch(max(most, 2), timeout=seconds))
            except self._idle:
                if self._client is not None and self._client.is_connected:
                    return []
                self._nap(until, TimeoutError("it is away"))
                continue
            except self._errors as wrong:
                self._nap(until, wrong)
                continue
            return [
                Message(one.metadata.sequence.stream, one.data, one.headers or {}, one)
                for one in found
            ]

    def _nap(self, until: float, wrong: Exception) -> None:
        """Wait for the connection to come back. Raises BrokerUnreachable after too long."""
        closed = self._client is None or self._client.is_closed
        if closed or time.monotonic() > until:
            raise self._away(wrong)
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

    def is_empty(self) -> bool:
        """Return whether the consumer has nothing left, nor waits for an acknowledgement."""
        assert self._subscription is not None
        try:
            info = self._wait(self._subscription.consumer_info())
        except self._errors:
            return False  # away: the next fetch finds out for how long
        return info.num_pending == 0 and info.num_ack_pending == 0

    def close(self) -> None:
        """Let go of the broker."""
        if self._client is not None and not self._client.is_closed:
            with suppress(*self._errors):
                self._wait(asyncio.wait_for(self._client.close(), _ANSWER_SECONDS))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ANSWER_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()


async def _say_nothing(_: Exception) -> None:
    """Keep the client from writing of its own what the run will say."""
