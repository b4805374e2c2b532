"""Writers: whether a process has a file open for writing, where the system can say."""

import fcntl
import os
import sys
from signal import SIGURG


def is_open_for_writing(path: str | os.PathLike[str]) -> bool:
    """Return whether a process has a file open for writing; False where there is no telling.

    Linux grants a lease to read only while nobody has. It says so of files of one's own, to root
    of all, and on disks of this machine.
    """
    if sys.platform != "linux":
        return False
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        # Who opens it in this very moment waits for us, and Linux sends us a signal: one that
        # nobody has to handle.
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
