"""Measures (what is named, or all) and writes docs/performance.md."""

import datetime as dt
import os
import platform
import sys
from pathlib import Path

from tests.bench.acknowledgement import acknowledgements
from tests.bench.agent import agent_costs
from tests.bench.clicks import changed_messages
from tests.bench.figures import table
from tests.bench.firings import claimed_firings
from tests.bench.history import history_costs
from tests.bench.home import opened_homes
from tests.bench.incident import first_verdicts
from tests.bench.lab import in_the_lab
from tests.bench.large import large_clusters
from tests.bench.pictures import pictures
from tests.bench.queueing import recovery, start_times

TARGET = Path(__file__).parents[2] / "docs" / "performance.md"
MEASURES = {
    "acknowledgement": acknowledgements,
    "clicks": changed_messages,
    "firings": claimed_firings,
    "home": opened_homes,
    "dispatch": start_times,
    "takeover": recovery,
    "agent": agent_costs,
    "large": large_clusters,
    "history": history_costs,
    "incident": first_verdicts,
    "pictures": pictures,
    "lab": in_the_lab,
}

if __name__ == "__main__":
    names = sys.argv[1:] or [*MEASURES]
    figures = []
    for name in names:
        for figure in MEASURES[name]():
            print(f"{figure.what}: {figure.seen} {figure.goal}", flush=True)
            figures.append(figure)
    today = dt.datetime.now(tz=dt.UTC).date()
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}"
    left_out = ", ".join(name for name in MEASURES if name not in names)
    missing = f"Not measured this time: {left_out}.\n" if left_out else ""
    TARGET.write_text(
        f"# Performance\n\nMeasured by `make bench` on {today} ({machine}, shared with others).\n"
        "Times on such a machine are noisy: what counts is the ratio to the peer in the same run.\n"
        f"{missing}\n{table(figures)}",
        encoding="utf-8",
    )
