"""Runs all measurements and writes docs/performance.md."""

import datetime as dt
import os
import platform
from pathlib import Path

from tests.bench.acknowledgement import acknowledgements
from tests.bench.agent import agent_costs
from tests.bench.diagnosis import diagnoses
from tests.bench.figures import table
from tests.bench.queueing import recovery, start_times

TARGET = Path(__file__).parents[2] / "docs" / "performance.md"
MEASURES = (acknowledgements, start_times, recovery, agent_costs, diagnoses)

if __name__ == "__main__":
    figures = []
    for measure in MEASURES:
        for figure in measure():
            print(f"{figure.what}: {figure.seen} {figure.goal}", flush=True)
            figures.append(figure)
    today = dt.datetime.now(tz=dt.UTC).date()
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}"
    TARGET.write_text(
        f"# Performance\n\nMeasured by `make bench` on {today} ({machine}, shared with others).\n"
        "Times on such a machine are noisy: what counts is the ratio to the peer in the same run.\n\n"
        f"{table(figures)}",
        encoding="utf-8",
    )
