"""Records what netcheck sees of each fault of the lab that is a cause: `python -m tests.incident.record [CAUSE…]`.

The lab has to run with today's product in it (`python -m tests.lab deploy`). The recordings are replayed by
`tests.checks.diagnosis.test_recordings`; `demo` records the incident that the playground shows.
"""

import gzip
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from bot.playground import demo
from bot.runs.bundle import Bundle, read
from checks.diagnosis.causes import CAUSES
from checks.diagnosis.model import HEALTHY
from tests.checks.diagnosis.recordings import path_of
from tests.lab.faults import switch
from tests.lab.faults.table import FAULTS
from tests.lab.fixtures import exported
from tests.lab.layout import REPOSITORY

DEMO = "demo"
DEMO_CLUSTER = "recorded-incident"
DEMO_LABEL = (
    "the founding incident, recorded on a three-node test cluster whose node w1 had a bad VMXNET3 tunnel offload"
)
INCIDENT = "vmxnet3-tunnel-offload"
INCIDENT_TEXT = (
    'Error from server (InternalError): error when creating "pool.yaml": Internal error occurred: failed calling '
    'webhook "ipaddresspoolvalidationwebhook.metallb.io": failed to call webhook: Post "https://metallb-webhook-service.'
    'metallb-system.svc:443/validate-metallb-io-v1beta1-ipaddresspool?timeout=10s": context deadline exceeded'
)
"""What people paste."""
STAGED = (HEALTHY, *(fault.name for fault in FAULTS if fault.name in CAUSES))


def record(name: str, environment: dict[str, str]) -> None:
    """Switch a fault on, diagnose, and keep what was seen, in a form that is the same for the same bundle."""
    if name == DEMO:
        bundle = _bundle(INCIDENT, environment, INCIDENT_TEXT)
        bundle = msgspec.structs.replace(bundle, label=DEMO_LABEL, cluster=DEMO_CLUSTER)
        path = REPOSITORY / "bot" / demo.INCIDENT
        path.write_bytes(msgspec.json.format(msgspec.json.encode(bundle), indent=1) + b"\n")
    else:
        bundle = msgspec.structs.replace(_bundle(name, environment), label=f"{name}, in the lab")
        path = path_of(name)
        path.write_bytes(gzip.compress(msgspec.json.encode(bundle), mtime=0))
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def _bundle(name: str, environment: dict[str, str], *words: str) -> Bundle:
    switch.heal()
    if name != HEALTHY:
        switch.inject(name, [])
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder, "bundle.json")
        command = [sys.executable, "-m", "bot", "diagnose", *words, "--save", str(saved)]
        subprocess.run(command, env=environment, check=False, stdout=sys.stderr)
        return read(str(saved))


if __name__ == "__main__":
    environment = {**os.environ, **exported()}
    try:
        for staged in sys.argv[1:] or STAGED:
            record(staged, environment)
    finally:
        switch.heal()
