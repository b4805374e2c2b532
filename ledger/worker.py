"""A second process: a copy of this one (a fork) that does a part of its work, and ends with it.

It may use what it was copied with and what it is sent, and nothing that is open elsewhere: no
database. It changes the time of the work, and nothing else; where none can be made, all is done in
one process.
"""

import fcntl
import os
import pickle
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue
from signal import SIGKILL
from typing import IO, Final, NoReturn, Self

from ledger.errors import CpodError, ProcessEnded
from ledger.stop_signals import block_own_signals, held

_PIPE_BYTES: Final = 2**20
"""How much one process may be ahead of the other, where the system lets us say so."""

_SIZE_BYTES: Final = 8
_KIND_BYTES: Final = 1
_CONTENT, _END, _ERROR, _BUG = b"C", b".", b"E", b"B"


class _Channel:
    """One end of two pipes: what is said goes out by one, and what is heard comes by the other."""

    def __init__(self, heard: IO[bytes], said: IO[bytes]) -> None:
        self._heard = heard
        self._said = said

    def say(self, content: bytes, kind: bytes = _CONTENT) -> None:
        """Send something to the other end."""
        self._said.write(kind + len(content).to_bytes(_SIZE_BYTES, "big"))
        self._said.write(content)
        self._said.flush()

    def hear(self) -> tuple[bytes, bytes]:
        """Return the kind of what the other end said, and it. Raises EOFError once it is gone."""
        head = self._heard.read(_KIND_BYTES + _SIZE_BYTES)
        size = int.from_bytes(head[_KIND_BYTES:], "big")
        content = self._heard.read(size)
        if len(head) < _KIND_BYTES + _SIZE_BYTES or len(content) < size:
            raise EOFError
        return head[:_KIND_BYTES], content

    def close(self) -> None:
        """Let the pipes go; what was not sent is lost."""
        self._heard.close()
        with suppress(OSError):
            self._said.close()


class Told:
    """What the second process has of the first: what it is told, and by what it answers."""

    def __init__(self, channel: _Channel) -> None:
        """Take its end of the pipes, and listen to the first process as long as that lives."""
        self._channel = channel
        self._told: SimpleQueue[bytes] = SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def hear(self) -> bytes:
        """Return what comes next; waits for it."""
        return self._told.get()

    def say(self, content: bytes) -> None:
        """Answer."""
        self._channel.say(content)

    def _listen(self) -> NoReturn:
        """Take in all that is told, so that the first process need not wait for who tells it.

        This process ends as soon as the first one has, however that ended.
        """
        with suppress(EOFError):
            while True:
                self._told.put(self._channel.hear()[1])
        os._exit(0)


def quickly_pickled(value: object) -> bytes:
    """Return a pickle of many values that differ: it looks for none that it has written before.

    That would take most of the time, of whoever writes and of whoever reads it.
    """
    content = BytesIO()
    pickler = pickle.Pickler(content, pickle.HIGHEST_PROTOCOL)
    pickler.fast = True
    pickler.dump(value)
    return content.getvalue()


Work = Callable[[Told], None]
"""What the second process does; when it returns, the first one hears the end."""


class SecondProcess:
    """A copy of this process at work. It ends with this one, and is deaf to what asks it to end."""

    def __init__(self, pid: int, channel: _Channel) -> None:
        """Take what `begun` has begun."""
        self.pid = pid
        self._channel = channel

    @classmethod
    def begun(cls, work: Work) -> Self | None:
        """Return a second process that works; None where there can be none."""
        if not _may_fork():
            return None
        told, we_say = os.pipe()
        we_hear, said = os.pipe()
        for end in (we_say, said):
            with suppress(AttributeError, OSError):
                fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        this = os.getpid()
        try:
            with held():
                pid = os.fork()
                if pid == 0:
                    block_own_signals()
                    os.close(we_say)
                    os.close(we_hear)
                    _work(work, _opened(told, said))
        except OSError:  # too many processes, or too little memory
            for end in (told, we_say, we_hear, said):
                os.close(end)
            return None
        finally:
            if os.getpid() != this:  # a handler of the program raised in the copy
                os._exit(0)
        os.close(told)
        os.close(said)
        return cls(pid, _opened(we_hear, we_say))

    def say(self, content: bytes) -> None:
        """Send it something, whatever it is doing; where it has ended, `hear` tells why."""
        with suppress(BrokenPipeError):
            self._channel.say(content)

    def hear(self) -> bytes | None:
        """Return its next answer; None at the end of its work. Raises what ended it."""
        try:
            kind, content = self._channel.hear()
        except EOFError:
            raise _was_ended() from None
        if kind == _ERROR:
            raise pickle.loads(content)  # noqa: S301 - our own process made it
        if kind == _BUG:
            raise RuntimeError(content.decode())
        return None if kind == _END else content

    def close(self) -> None:
        """End it, whatever it is doing."""
        with suppress(ProcessLookupError, ChildProcessError):  # the program has waited for it
            os.kill(self.pid, SIGKILL)
            os.waitpid(self.pid, 0)
        self._channel.close()


def _was_ended() -> ProcessEnded:
    return ProcessEnded("the process that helps with this was ended: give the same command again")


def _opened(heard: int, said: int) -> _Channel:
    return _Channel(os.fdopen(heard, "rb"), os.fdopen(said, "wb"))


def _work(work: Work, channel: _Channel) -> NoReturn:
    """Do the work, and say how it ended: what the second process does."""
    try:
        try:
            work(Told(channel))
        except CpodError as wrong:
            channel.say(pickle.dumps(wrong), _ERROR)
        except OSError:
            raise
        except Exception:  # noqa: BLE001 - the first process raises it
            channel.say(traceback.format_exc().encode(), _BUG)
        else:
            channel.say(b"", _END)
    except BaseException:  # noqa: BLE001, S110 - nobody is there to be told
        pass
    finally:
        os._exit(0)


def _may_fork() -> bool:
    """Return whether there is a core for another process, and no thread that a copy would lack."""
    return hasattr(os, "fork") and _cores() > 1 and _threads() == 1


def _threads() -> int:
    """Return how many threads this process has; where the system tells, those of C among them."""
    with suppress(OSError):
        return sum(1 for _ in Path("/proc/self/task").iterdir())
    return threading.active_count()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
