"""Whether IPv6 stays as it is while it is watched."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from checks.finding import UNSEEN, Finding, Severity
from checks.ipv6 import CHECK
from checks.ipv6.model import Aim, Data, Look, Parameters, Probe, Request, Target
from checks.ipv6.plan import plan
from checks.observation import Context, Network
from checks.place import Node
from checks.probes.outcome import Result
from tests.checks.ipv6.test_judge import dual_stack, seen, silent
from tests.checks.judged import judged
from tests.checks.words import words

LOST = Probe(target=Target.POD, name="w2", protocol="udp", result=Result.TIMEOUT)


def watched(
    count: int, lost: Sequence[int] = (), *, routes: Sequence[int] = (), unusable: Sequence[int] = ()
) -> list[Look]:
    """So many looks, of which in those numbered something is lost, gone, or not used."""
    return [
        Look(
            at_s=5.0 * number,
            failed=(LOST,) if number in lost else (),
            default_routes=() if number in routes else ("eth0",),
            unusable=("fd00::1",) if number in unusable else (),
        )
        for number in range(count)
    ]


def steady(looks: Sequence[Look], network: Network = Network.HOST, minutes: int = 1) -> Finding:
    """The finding where w1 was watched and w2 did not answer."""
    observations = [seen("w1", network, looks=tuple(looks)), silent("w2", network)]
    return judged(CHECK, dual_stack(), observations, Parameters(minutes=minutes))["steady"]


@pytest.mark.parametrize(
    ("looks", "outcome"),
    [
        (watched(12), "pass"),
        (watched(12, [3]), "pass"),
        (watched(12, [3, 7]), "flaps"),
        (watched(120, [3, 7]), "pass"),
        (watched(120, [3, 7, 9]), "flaps"),
        (watched(12, range(12)), "pass"),
        (watched(12, routes=[5]), "flaps"),
        (watched(12, routes=range(12)), "pass"),
        (watched(12, unusable=[4]), "flaps"),
        (watched(12, unusable=[0]), "pass"),
    ],
    ids=["well", "once", "twice", "chance", "thrice", "always", "route", "no-route", "address", "new-address"],
)
def test_what_comes_and_goes(looks: list[Look], outcome: str) -> None:
    """What is wrong all the time is told by others, and one lost datagram is nobody's fault."""
    assert {Node("w1"): outcome, Node("w2"): UNSEEN} == {s.place: s.outcome for s in steady(looks).seen}


def test_it_is_said_when() -> None:
    """With what went, and how often."""
    finding = steady(watched(12, [3, 7]))

    assert (Severity.DEGRADED, {"looks": 12, "bad_looks": 2}) == (finding.severity, finding.seen[0].measures)
    assert "IPv6 comes and goes on w1, watched for 1 minutes." == words(finding.text)
    line = "w1 (host): pod w2 did not answer by udp, in 2 of 12 looks, after 15.0 s, 35.0 s"
    assert line == words(finding.evidence[0])


def test_a_pods_own_route_is_not_the_nodes() -> None:
    """A pod's route is its CNI's affair."""
    assert "pass" == steady(watched(12, routes=[5]), Network.POD).outcome


def test_nobody_asked_to_watch() -> None:
    """And so nothing is concluded; a job that looked once has not watched."""
    assert "not-used" == steady(watched(12, [3, 7]), minutes=0).outcome
    assert Severity.UNKNOWN is steady(watched(1)).severity


def test_it_is_looked_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At even times until the time is over, with the same probes."""
    monkeypatch.setattr("checks.ipv6.observe.LOOK_EVERY_S", 0.1)
    aim = Aim(target=Target.POD, name="w2", address="::1", port=1)
    context = Context(network=Network.HOST, procfs=str(tmp_path), sysfs=str(tmp_path))
    data = CHECK.observe(Request(aims=(aim,), timeout_s=0.2, watch_s=0.35), context)

    assert isinstance(data, Data)
    assert [0.0, 0.1, 0.2, 0.3] == pytest.approx([look.at_s for look in data.looks], abs=0.09)
    assert [{(p.name, p.protocol) for p in data.probes}] * 4 == [
        {(p.name, p.protocol) for p in look.failed} for look in data.looks
    ]
    assert (
        ()
        == msgspec.convert(msgspec.to_builtins(CHECK.observe(Request(aims=(aim,), timeout_s=0.2), context)), Data).looks
    )


def test_a_job_has_the_time_that_it_is_asked_to_watch() -> None:
    """Every agent watches for as long, and its job is killed only after that."""
    parameters = Parameters(minutes=3)

    assert {180.0} == {task.request.watch_s for task in plan(dual_stack(), parameters)}
    assert (CHECK.deadline_s + 180, CHECK.deadline_s) == (CHECK.longest_s(parameters), CHECK.longest_s(Parameters()))
