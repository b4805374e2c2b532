"""Headers of NATS messages as they came: the client keeps the last of a name, and only UTF-8."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats.aio.client import Client


def client_class() -> "type[Client]":
    """Return the client, such that `all_of` finds all headers."""
    from nats.aio.client import Client

    class WithAllHeaders(Client):
        """Keeps what the client drops."""

        @staticmethod
        def _parse_header_lines(raw: bytes) -> "_Headers":
            return _Headers(raw)

    return WithAllHeaders


def all_of(headers: Mapping[str, str] | None) -> list[tuple[str, str]]:
    """Return the headers of a message in their order; a byte that is no UTF-8 is a surrogate."""
    return headers.pairs if isinstance(headers, _Headers) else list((headers or {}).items())


class _Headers(dict[str, str]):
    """The headers, as the client has them; `pairs` has those that came twice, too."""

    def __init__(self, raw: bytes) -> None:
        lines = (line.partition(b":") for line in raw.split(b"\r\n"))
        self.pairs = [(_text(name), _text(value)) for name, colon, value in lines if colon]
        super().__init__(self.pairs)


def _text(raw: bytes) -> str:
    return raw.strip().decode(errors="surrogateescape")
