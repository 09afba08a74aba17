"""The founding incident as the playground shows it, asked as a run would ask, without processes."""

import functools
from importlib import resources

import msgspec

from bot.playground.demo import INCIDENT
from bot.playground.rehearsal.model import Model
from bot.playground.rehearsal.world import World
from bot.runs.bundle import Bundle, read
from bot.runs.job import Job
from bot.runs.model import Plan, RunRequest
from bot.runs.provisional import report_of
from checks.observation import Context, Observation, State
from checks.registry import CHECKS, DIAGNOSED
from checks.report import Report

POOL = ("10.250.0.200-10.250.0.210",)


@functools.cache
def bundle() -> Bundle:
    """The recording."""
    return read(str(resources.files("bot").joinpath(INCIDENT)))


def model(world: World, recording: Bundle | None = None) -> Model:
    """The recorded cluster in a world."""
    return Model(recording or bundle(), lambda: world)


def observed(asked: Model) -> list[Observation]:
    """What all agents and the worker would see."""
    return [
        msgspec.structs.replace(seen, data=msgspec.to_builtins(_answer(asked, seen)))
        for seen in asked.bundle.observations
        if seen.state is State.OBSERVED
    ]


def _answer(asked: Model, seen: Observation) -> object:
    job = Job(
        id="1",
        run="1",
        cluster=bundle().cluster,
        check=seen.check,
        network=seen.network,
        node=seen.node,
        name=seen.name,
        request={},
        expires_at=0.0,
        deadline_s=1.0,
    )
    return asked(CHECKS[seen.check], job, msgspec.Struct(), Context(network=seen.network, node=seen.node))


def report(world: World, recording: Bundle | None = None) -> Report:
    """What a diagnosis would say."""
    asked = model(world, recording)
    request = RunRequest(id="1", cluster="c", command="diagnose", checks=DIAGNOSED, expires_at=0.0)
    return report_of(request, Plan(snapshot=asked.snapshot(), jobs=()), observed(asked))


def outcome(seen: Report, code: str) -> str:
    """The outcome of a finding."""
    return next(finding.outcome for finding in seen.findings if finding.code == code)
