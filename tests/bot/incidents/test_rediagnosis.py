"""Diagnosing an incident's cluster once more, and what has changed since."""

from typing import Any

import pytest

from bot.incidents.model import Incident, Sort
from bot.incidents.rediagnosis import asked
from bot.language import ENGLISH
from bot.runs.model import Run
from checks.report import Report
from tests.bot.incidents.stage import OTHER, Stage
from tests.handlers.reports import DIAGNOSIS, TCP_FAILS, TCP_PASSES, report, verdict

BROKEN = report(TCP_FAILS, diagnosis=DIAGNOSIS)
CURED = report(TCP_PASSES, diagnosis=verdict("healthy"))


@pytest.fixture
def stage(redis_client: Any) -> Stage:
    """An incident whose plan waits for an approval."""
    made = Stage(redis_client)
    made.operator()
    made.begin("redeploy-metallb")
    made.settle()
    return made


def _ask(stage: Stage) -> None:
    stage.incidents.change("i", lambda seen, now: asked(seen, OTHER, now))


def _diagnose(stage: Stage, seen: Report | None, error: str = "") -> Incident:
    """Ask, and have the diagnosis end with this."""
    _ask(stage)
    stage.conductor.look()
    (run,) = [run for run in stage.runs.recent(5) if run.open]
    stage.runs.update(run.id, state="done" if seen else "failed", report=seen, error=error)
    stage.truth.delete(stage.runs.keys.held("conduct"))
    stage.truth.zadd(stage.runs.keys.due("conduct"), {"i": 0})
    stage.conductor.look()
    return stage.incident


def _told(incident: Incident) -> list[str]:
    last = incident.timeline[-1]
    return [ENGLISH.words(text) for text in (last.what, *last.details)]


def test_it_tells_what_has_changed(stage: Stage) -> None:
    """Against the diagnosis before, which the first one has none of; the plan stands where it stood."""
    before = stage.execution
    assert [
        "Diagnosed again: Failed: VMXNET3 tunnel offload breaks traffic at w1 — 94 %",
        "The diagnosis before is not kept any more, so nobody can say what has changed.",
    ] == _told(_diagnose(stage, BROKEN))
    assert ["Diagnosed again: Healthy", "Gone: TCP fails on 1 of 2 pairs. (w1 → w2)"] == _told(_diagnose(stage, CURED))
    assert ["Diagnosed again: Healthy", "Nothing has changed since the diagnosis before."] == _told(
        _diagnose(stage, CURED)
    )
    assert before == stage.execution


def test_it_is_asked_for_once(stage: Stage) -> None:
    """Whoever asks while one is on its way starts no second one."""
    _ask(stage)
    _ask(stage)
    for _ in range(3):
        stage.truth.delete(stage.runs.keys.held("conduct"))
        stage.truth.zadd(stage.runs.keys.due("conduct"), {"i": 0})
        stage.conductor.look()
    runs: list[Run] = [run for run in stage.runs.recent(9) if run.request.command == "diagnose"]
    assert [OTHER] == [run.request.requested_by for run in runs]
    assert 1 == sum(ENGLISH.words(entry.what) == "Diagnose again" for entry in stage.incident.timeline)


def test_what_could_not_be_diagnosed_is_said(stage: Stage) -> None:
    """And the incident knows as much as before."""
    incident = _diagnose(stage, None, "no worker took it")
    assert ["It could not be diagnosed again", "no worker took it"] == _told(incident)
    assert (None, None, Sort.CHECK) == (incident.looking, incident.latest, incident.timeline[-1].sort)
