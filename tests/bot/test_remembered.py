"""What a run leaves to history, and that history never stands in the way of a run."""

from typing import Any

import msgspec
import pytest

from bot.history.episodes import Fix, Subject
from bot.history.history import History
from bot.runs.model import RunRequest, Wanted
from bot.runs.remembered import remembered
from bot.store.connection import connect
from checks.diagnosis import diagnose
from checks.past import Bygone, Past
from checks.place import Node
from checks.report import Report
from tests.checks.diagnosis.worlds import healthy_findings
from tests.handlers.reports import DIAGNOSIS, ERRORS_RISE, report

LOOK = RunRequest(id="r1", cluster="lab", command="diagnose", checks=(), requested_at=1e9, expires_at=2e9)
FOUND = [*healthy_findings(), ERRORS_RISE]


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({}, True),
        ({"command": "run"}, True),
        ({"command": "verify"}, False),
        ({"command": "plan", "plan": Wanted("vmxnet3-to-e1000e")}, False),
    ],
    ids=["diagnose", "run", "verify", "plan"],
)
def test_looks_at_the_cluster_as_it_is_are_kept(redis_client: Any, changes: dict[str, Any], kept: bool) -> None:  # noqa: FBT001 - a column of the table
    """Those in the middle of a plan see what netcheck itself has switched off."""
    request = msgspec.structs.replace(LOOK, **changes)

    made = remembered(redis_client, request, report(*FOUND), FOUND, 30)

    history = History(redis_client, "lab")
    assert kept == (Subject("links.errors", Node("w3")) in history.told())
    assert kept == bool(history.places("paths.cross-tcp:loss"))
    assert ({"links.errors"} if kept else set()) == set(made.past)


def test_a_cause_that_comes_back_says_what_fixed_it_the_last_time(redis_client: Any) -> None:
    """Seen, a runbook finished, looked at and well, and seen again."""
    broken = report(*FOUND, diagnosis=DIAGNOSIS)
    well = report(*healthy_findings(), diagnosis=diagnose(healthy_findings()))

    def look(at: float, shown: Report) -> Past | None:
        request = msgspec.structs.replace(LOOK, id=f"{at}", requested_at=at)
        return remembered(redis_client, request, shown, shown.findings, 30).past.get("vmxnet3-tunnel-offload")

    assert Past(since=100.0, earliest=100.0) == look(100.0, broken)
    assert Past(since=100.0, earliest=100.0) == look(150.0, broken)
    History(redis_client, "lab").note_fixed(Fix("vmxnet3-tunnel-offload", "offload-off", "i-1"), 200.0)
    assert look(250.0, well) is None
    before = Bygone(100.0, 250.0, "offload-off")
    assert Past(since=300.0, before=before, times=2, earliest=100.0) == look(300.0, broken)


def test_a_run_ends_also_where_history_cannot_be_kept(redis_client: Any) -> None:
    """Somebody stored something else there, or Redis does not answer: the report is the same, without a past."""
    for key in ("episodes", "written"):
        redis_client.set(f"netcheck:{{lab}}:{key}", "something else")
    nobody = connect("unix:///nowhere.sock", tries=1)

    for client in (redis_client, nobody):
        assert report(*FOUND) == remembered(client, LOOK, report(*FOUND), FOUND, 30)


def test_a_worker_that_looks_again_writes_the_same_once(redis_client: Any) -> None:
    """It died before it could say that the run is done."""
    for _ in range(2):
        remembered(redis_client, LOOK, report(*FOUND), FOUND, 30)

    history = History(redis_client, "lab")
    (series,) = history.series([("paths.cross-tcp:loss", Node("w1"))], 1e9, 1e9)
    assert ([1], 1) == ([p.count for p in series.points], history.told()[Subject("links.errors")].times)
