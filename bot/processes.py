"""Processes of one's own: forked children, what ends with what, signals, and memory."""

import contextlib
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable

ERROR_BYTES = 2000
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have the kernel end this process when the one that started it ends, however that ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def as_child() -> None:
    """Before a child's program starts: Ctrl-C is the parent's to handle, and the child ends with the parent."""
    os.setpgid(0, 0)
    die_with_parent()


def fork(act: Callable[[], None]) -> tuple[int, int]:
    """Run a function in a child that dies with its parent: its pid, and a descriptor that its exception is read from.

    The child leaves by `os._exit`, so that nothing of the parent's (exit handlers, buffers) runs twice.
    """
    parent = os.getpid()
    read_fd, write_fd = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write_fd)
        return pid, read_fd
    status = 1
    try:
        die_with_parent()
        if os.getppid() != parent:  # it died before the line above
            return os._exit(1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
        act()
        status = 0
    except BaseException as error:  # noqa: BLE001 - whatever it was, the parent must hear of it
        with contextlib.suppress(OSError):
            os.write(write_fd, f"{type(error).__name__}: {error}".encode(errors="replace")[:ERROR_BYTES])
    finally:
        os._exit(status)


def on_stop(stop: Callable[[], None]) -> None:
    """Let SIGTERM and Ctrl-C end a process in order."""

    def handle(*_: object) -> None:
        stop()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)


def give_back_memory() -> None:
    """Return to the kernel what importing left behind: about a third of an agent's memory (measured: 47 to 34 MiB).

    Only glibc can; elsewhere nothing happens. What stays is frozen: children share it instead of copying it, and the
    garbage collector passes over it.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    gc.freeze()
