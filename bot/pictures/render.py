"""A picture as a PNG, drawn by a process of its own: whatever happens to it, whoever asked goes on.

It is started anew and not forked, because the bot has threads and connections: it gets neither, nor any setting of
ours, among which are tokens and keys. It is killed when it takes too long.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache

import msgspec

from bot.pictures.model import Picture

TIMEOUT_S = 20.0
"""A hundred nodes take two seconds; a machine on which it is ten times as long has something better to do."""
_KEPT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
"""What a child needs of our environment to be the same Python."""
_SAID = 300
_DRAWS = ("-m", "bot.pictures.drawing")
_PNG = b"\x89PNG"


class NotDrawnError(Exception):
    """There is no picture; says why, for a log."""


def rendered(picture: Picture, timeout_s: float = TIMEOUT_S) -> bytes:
    """The picture as a PNG, 1200 pixels wide.

    Raises:
        NotDrawnError: matplotlib is not installed, or drawing failed or took longer than `timeout_s` seconds.
    """
    try:
        done = subprocess.run(
            [sys.executable, *_DRAWS],
            input=msgspec.json.encode(picture),
            capture_output=True,
            timeout=timeout_s,
            env=_environment(),
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotDrawnError(f"drawing took longer than {timeout_s:g} s") from None
    except OSError as error:
        raise NotDrawnError(f"drawing could not be started: {error}") from None
    return _taken(done)


def _taken(done: "subprocess.CompletedProcess[bytes]") -> bytes:
    if done.returncode or not done.stdout.startswith(_PNG):
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise NotDrawnError((said[-1] if said else f"drawing ended with {done.returncode}")[:_SAID])
    return done.stdout


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "MPLCONFIGDIR": _fonts(),
        "MPLBACKEND": "agg",
        # Each thread of NumPy's would reserve its own memory, and there is nothing to reckon.
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@cache
def _fonts() -> str:
    """A folder in which matplotlib remembers the fonts that it found: the second picture need not look for them."""
    folder = tempfile.mkdtemp(prefix="netcheck-pictures-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
