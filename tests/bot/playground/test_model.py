"""What checks say of the recorded nodes after each thing that is done to them."""

import gzip
from pathlib import Path

import msgspec
import pytest

from bot.playground.rehearsal.world import (
    Change,
    Pool,
    World,
    cordoned,
    exchanged,
    kept,
    restarted,
    shut_down,
    switched,
    with_pool,
    without_pool,
)
from bot.runs.bundle import read
from checks.diagnosis.model import HEALTHY
from checks.finding import Severity
from checks.observation import Observation
from checks.registry import CHECKS
from checks.report import Report
from tests.bot.playground.recorded import POOL, bundle, model, observed, outcome, report
from tests.checks.diagnosis.recordings import names, path_of

CAUSE = "vmxnet3-tunnel-offload"
CURES: dict[str, Change] = {"offload off": switched("w1", on=False), "e1000e": exchanged("w1", "e1000e")}


def verdict(seen: Report) -> str:
    """What the diagnosis names."""
    assert seen.diagnosis is not None
    return seen.diagnosis.verdict


def typed(seen: Observation) -> object:
    """What was observed; numbers that are left out where they are zero are there."""
    return msgspec.convert(seen.data, CHECKS[seen.check].data)


def after(*changes: Change) -> World:
    """The world after some changes."""
    world = World()
    for change in changes:
        world = change(world)
    return world


def test_before_anything_is_done_it_is_the_recording() -> None:
    """Agents see what was recorded, and the verdict is the recording's."""
    recorded, seen = bundle().observations, observed(model(World()))

    assert [typed(each) for each in recorded] == [typed(each) for each in seen]
    assert (CAUSE, Severity.FAILED) == (verdict(report(World())), report(World()).severity)


@pytest.mark.parametrize("change", CURES.values(), ids=CURES)
def test_a_cured_node_makes_the_cluster_healthy(change: Change) -> None:
    """Nothing fails, nothing is unexplained, and no packet arrives damaged."""
    seen = report(after(change))

    assert (HEALTHY, Severity.ADVICE) == (verdict(seen), seen.severity)
    assert ["pass"] * 4 == [
        outcome(seen, code) for code in ("webhook.dry-run", "dns.service", "paths.host-pod", "paths.checksum-errors")
    ]


def test_another_node_cures_nothing() -> None:
    """Ways with w1 at one end fail as long as w1 is as it was."""
    assert CAUSE == verdict(report(after(exchanged("w2", "e1000e"), exchanged("cp", "e1000e"))))


@pytest.mark.parametrize("name", names())
def test_an_adapter_cures_what_an_adapter_does(name: str, tmp_path: Path) -> None:
    """In a recording of another fault nothing gets well by it, and before anything is done the verdict is its own."""
    file = tmp_path / "bundle.json"
    file.write_bytes(gzip.decompress(path_of(name).read_bytes()))
    recording = read(str(file))
    exchanges = after(*(exchanged(node.name, "e1000e") for node in recording.snapshot.nodes))

    assert name == verdict(report(World(), recording))
    assert (name in (HEALTHY, CAUSE)) == (verdict(report(exchanges, recording)) == HEALTHY)


def test_what_is_undone_is_broken_again() -> None:
    """The other half of the proof, and the whole way back."""
    assert CAUSE == verdict(report(after(switched("w1", on=False), switched("w1", on=True))))
    assert CAUSE == verdict(report(after(exchanged("w1", "e1000e"), exchanged("w1", "vmxnet3"))))


def test_a_start_forgets_what_was_not_made_to_last() -> None:
    """As ethtool's settings do."""
    off = switched("w1", on=False)

    assert CAUSE == verdict(report(after(off, restarted("w1"))))
    assert HEALTHY == verdict(report(after(off, kept("w1", off=True), restarted("w1"))))
    assert CAUSE == verdict(report(after(off, kept("w1", off=True), kept("w1", off=False), restarted("w1"))))


def test_the_adapter_is_seen_as_what_it_is() -> None:
    """By its PCI ID and its driver, with the MAC that it had; without an offload that could be switched on."""
    seen = report(after(exchanged("w1", "e1000e")))

    told = {(str(s.place), s.outcome) for f in seen.findings if f.code == "nic.adapter" for s in f.seen}
    assert {("cp", "vmxnet3"), ("w1", "e1000e"), ("w2", "vmxnet3")} == told
    assert [
        "cp: vmxnet3, tunnel offload off",
        "w1: e1000e",
        "w2: vmxnet3, tunnel offload off",
        "Service shop/web: waits for an address",
    ] == model(after(exchanged("w1", "e1000e"))).told()


def test_a_cordoned_node_is_closed_and_one_that_is_off_is_silent() -> None:
    """As its API server and its agents would tell."""
    assert "cordoned" == outcome(report(after(cordoned("w1", closed=True))), "node.schedulable")
    assert "pass" == outcome(
        report(after(cordoned("w1", closed=True), cordoned("w1", closed=False))), "node.schedulable"
    )
    off = model(after(shut_down("w1")))
    assert [("cp", True), ("w1", False), ("w2", True)] == [(node.name, node.ready) for node in off.snapshot().nodes]
    with pytest.raises(LookupError, match="w1 is switched off"):
        observed(off)


def test_a_service_waits_until_there_is_a_pool() -> None:
    """It gets the first address; when the pool is gone it waits again."""
    pool = with_pool("default", Pool(namespace="metallb-system", addresses=POOL))

    assert "no-pool" == outcome(report(World()), "metallb.addresses")
    seen = report(after(pool))
    assert ("pass", "pass") == (outcome(seen, "metallb.pools"), outcome(seen, "metallb.addresses"))
    web = model(after(pool)).snapshot().services[-1]
    assert ("shop", "web", ("10.250.0.200",)) == (web.metadata.namespace, web.metadata.name, web.external)
    assert "no-pool" == outcome(report(after(pool, without_pool("default"))), "metallb.addresses")


def test_the_webhook_agrees_once_it_is_reached() -> None:
    """Until then its refusal is the recorded one."""
    assert model(World()).refusal().endswith("context deadline exceeded")
    assert "" == model(after(switched("w1", on=False))).refusal()
