"""Records what netcheck sees of each fault of the lab that is a cause: `python -m tests.incident.record [CAUSE…]`.

The lab has to run with today's product in it (`python -m tests.lab deploy`). The recordings are replayed by
`tests.checks.diagnosis.test_recordings`.
"""

import gzip
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from bot.runs.bundle import read
from checks.diagnosis.causes import CAUSES
from checks.diagnosis.model import HEALTHY
from tests.checks.diagnosis.recordings import path_of
from tests.lab.faults import switch
from tests.lab.faults.table import FAULTS
from tests.lab.fixtures import run_lab

STAGED = (HEALTHY, *(fault.name for fault in FAULTS if fault.name in CAUSES))


def record(name: str, environment: dict[str, str]) -> None:
    """Switch a fault on, diagnose, and keep what was seen, in a form that is the same for the same bundle."""
    switch.heal()
    if name != HEALTHY:
        switch.inject(name, [])
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder, "bundle.json")
        command = [sys.executable, "-m", "bot", "diagnose", "--save", str(saved)]
        subprocess.run(command, env=environment, check=False, stdout=sys.stderr)
        bundle = msgspec.structs.replace(read(str(saved)), label=f"{name}, in the lab")
    path_of(name).write_bytes(gzip.compress(msgspec.json.encode(bundle), mtime=0))
    print(f"{path_of(name).name}: {path_of(name).stat().st_size:,} bytes")


if __name__ == "__main__":
    exported = (shlex.split(line)[1] for line in run_lab("env").stdout.splitlines() if line.startswith("export "))
    environment = {**os.environ, **dict(pair.split("=", 1) for pair in exported)}
    try:
        for staged in sys.argv[1:] or STAGED:
            record(staged, environment)
    finally:
        switch.heal()
