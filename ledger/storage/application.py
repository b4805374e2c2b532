"""The ledger as an application of the eventsourcing library: its events, their bytes, its streams.

What goes in is a `NewEvent`: a stream, a version, a stable type name, and the bytes that the codec
made when it judged the event. What comes out is a `StreamEvent`: the same, judged again and typed.
The library keeps streams in order, folds them, and carries what is put to its recorder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    ApplicationRecorder,
    InfrastructureFactory,
    Mapper,
    StoredEvent,
    Transcoder,
)
from eventsourcing.utils import Environment, EnvType

from ledger.domain.events.fields import Event
from ledger.storage.codec import Codec, canonical, parse_json
from ledger.storage.recorder import LedgerRecorder


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of a stream, as it comes out of the log: its bytes, and what they mean."""

    originator_id: str
    originator_version: int
    topic: str
    state: bytes
    event: Event


class CanonicalTranscoder(Transcoder):
    """Canonical JSON, for what the library writes by itself."""

    def encode(self, obj: Any) -> bytes:
        """Return canonical JSON."""
        return canonical(obj)

    def decode(self, data: bytes) -> Any:
        """Return the value of JSON. Raises ValueError."""
        return parse_json(data)


class LedgerMapper(Mapper[str]):
    """Between events in streams and stored events: by type names, never by Python paths."""

    def __init__(self, codec: Codec) -> None:
        """Take the codec that reads stored bytes."""
        super().__init__(CanonicalTranscoder())
        self._codec = codec

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """Return a `NewEvent` as it is: it has all that is stored of it, under the same names."""
        return domain_event  # type: ignore[return-value]

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[str]:
        """Return the event of stored bytes, judged again. Raises Damaged."""
        _, event = self._codec.decode(stored_event.topic, stored_event.state)
        return StreamEvent(
            str(stored_event.originator_id),
            stored_event.originator_version,
            stored_event.topic,
            stored_event.state,
            event,
        )


class LedgerFactory(InfrastructureFactory[Any]):
    """Brings the recorder of one backend; what else the library could ask for is not there."""

    def __init__(self, recorder: LedgerRecorder) -> None:
        """Take the recorder."""
        super().__init__({})
        self._recorder = recorder

    def application_recorder(self) -> ApplicationRecorder:
        """Return the recorder."""
        return self._recorder

    def aggregate_recorder(self, purpose: str = "events") -> NoReturn:
        """Raise NotImplementedError: there are no snapshots."""
        raise NotImplementedError(purpose)

    def process_recorder(self) -> NoReturn:
        """Raise NotImplementedError: what is derived is not the library's."""
        raise NotImplementedError

    def tracking_recorder(self, tracking_recorder_class: Any = None) -> NoReturn:
        """Raise NotImplementedError: what is derived is not the library's."""
        raise NotImplementedError(tracking_recorder_class)

    def close(self) -> None:
        """Let go of what the recorder has open."""
        self._recorder.close()


class LedgerApplication(Application[str]):
    """The application over one backend, by its recorder.

    The environment of the process has no say in it: what is stored is ours alone to decide.
    """

    name = "cpod"

    def __init__(self, recorder: LedgerRecorder, codec: Codec) -> None:
        """Take the backend's recorder, and the codec of its bytes."""
        self._factory = LedgerFactory(recorder)
        self._codec = codec
        super().__init__()

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Return an environment without that of the process."""
        return Environment(name, cast("Mapping[str, str]", env or {}))

    def construct_factory(self, env: Environment) -> InfrastructureFactory:  # noqa: ARG002 - ours
        """Return what brings the backend's recorder."""
        return self._factory

    def construct_mapper(self) -> Mapper[str]:
        """Return the mapper over the codec."""
        return LedgerMapper(self._codec)
