"""The product's processes in the lab, as the machine sees them."""

import re
from pathlib import Path

NOBODY = "Uid:\t65534"
"""In its pods the product runs as nobody; what tests start outside does not."""


def role_processes(role: str) -> list[int]:
    """The pids of all main processes of a role (`worker`, `agent`) in the lab's pods; their forked children are not."""
    wanted = re.compile(rf"\0-m\0bot\0{role}\0")
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_text(encoding="utf-8", errors="replace")
            status = (folder / "status").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if wanted.search(line) and NOBODY in status:
            parents[int(folder.name)] = int(status.split("PPid:\t")[1].split()[0])
    return [pid for pid, parent in parents.items() if parent not in parents]
