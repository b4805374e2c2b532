"""All headers of a NATS message: the client drops repeated ones, and replaces invalid UTF-8."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats.aio.client import Client


def client_class() -> "type[Client]":
    """Return a client class that keeps all headers for `all_of`."""
    from nats.aio.client import Client

    class WithAllHeaders(Client):
        """Overrides how headers are parsed."""

        @staticmethod
        def _parse_header_lines(raw: bytes) -> "_Headers":
            return _Headers(raw)

    return WithAllHeaders


def all_of(headers: Mapping[str, str] | None) -> list[tuple[str, str]]:
    """Return the headers in order, repeated ones included; invalid UTF-8 as surrogates."""
    return headers.pairs if isinstance(headers, _Headers) else list((headers or {}).items())


class _Headers(dict[str, str]):
    """The headers as a dict, as the client expects; `pairs` has all of them."""

    def __init__(self, raw: bytes) -> None:
        lines = (line.partition(b":") for line in raw.split(b"\r\n"))
        self.pairs = [(_text(name), _text(value)) for name, colon, value in lines if colon]
        super().__init__(self.pairs)


def _text(raw: bytes) -> str:
    return raw.strip().decode(errors="surrogateescape")
