"""The address of a broker: which stream of which server, and the consumer that reads it."""

from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from ledger.errors import UsageError

SCHEMES: Final = ("nats://", "tls://")
FORM: Final = "nats://HOST:PORT/STREAM?consumer=NAME"
_CONSUMER: Final = "cpod"
_PORT: Final = 4222
_FORBIDDEN: Final = frozenset(".*> \t\r\n\\/")
_KNOWN: Final = {"consumer", "subject"}


class BrokerAddress(NamedTuple):
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


def read_place(url: str) -> BrokerAddress:
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
    twice = sorted(name for name, values in given.items() if len(values) > 1)
    if twice:
        raise UsageError("an address of a broker has {name} twice: give it once", name=twice[0])
    scheme = parts.scheme.lower()
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    credentials = parts.netloc.rpartition("@")[0]
    server = f"{scheme}://{credentials}{'@' if credentials else ''}{host}:{port}"
    name = f"{scheme}://{host}:{port}"
    return BrokerAddress(server, name, stream, consumer, given.get("subject", [""])[-1])
