"""Whether a process has a file open for writing, as far as the system can tell."""

import fcntl
import os
import sys
from signal import SIGURG


def is_open_for_writing(path: str | os.PathLike[str]) -> bool:
    """Return whether a process has a file open for writing; False if the system cannot tell.

    Linux grants a read lease only while there is no writer; only on local file systems, and only
    to the owner of the file and to root.
    """
    if sys.platform != "linux":
        return False
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        # If a writer opens the file during the lease, it waits for us, and we get a signal: one
        # that is ignored by default.
        fcntl.fcntl(handle, fcntl.F_SETSIG, SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False
