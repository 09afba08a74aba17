"""What single runbooks plan, refuse and warn of, beyond what all of them hold to."""

from typing import Any

import msgspec
import pytest

from bot.language import ENGLISH
from bot.runbooks import vsphere
from bot.runbooks.catalogue.create_pool.ranges import Wrong, overlaps, parse
from bot.runbooks.model import Hand, Plan
from bot.runbooks.registry import RUNBOOKS
from bot.runbooks.situation import Situation
from checks.inventory import Adapter, Inventory, Machine
from tests.bot.runbooks.situations import ALL_VERBS, incident, with_machine

OFFLOADS = {"tx-udp_tnl-segmentation": True, "tx-udp_tnl-csum-segmentation": True}
VMXNET3 = Adapter(name="eth0", driver="vmxnet3", mac="00:50:56:00:00:11", offloads=OFFLOADS)
E1000E = Adapter(name="eth0", driver="e1000e", mac="00:50:56:00:00:11")


def plan(name: str, given: Situation) -> Plan:
    """The plan of a runbook."""
    return RUNBOOKS[name].plan(given)


def said(plan: Plan) -> str:
    """Why it is refused."""
    return " ".join(ENGLISH.words(text) for text in plan.refusals)


def steps(plan: Plan) -> list[str]:
    """Every step by name and node."""
    return [f"{step.name} {step.node}".strip() for step in plan.steps]


# offload-off


def test_a_failing_pair_comes_first_and_is_proved_before_the_others() -> None:
    """Cp and w1 fail today; w1's offload alone is on, so that is switched, and the pair probed."""
    made = plan("offload-off", incident())

    assert ["switch-off-eth0 w1", "prove", "confirm", "keep-eth0 w1", "restart-eth0 w1"] == steps(made)
    assert {("cp", "w1")} == {e.nodes for e in made.steps[1].verification}


def test_the_other_nodes_come_after_somebody_has_said_so() -> None:
    """With the offload on everywhere, the pair is done first."""
    everywhere = incident()
    for name in ("cp", "w2"):
        everywhere = with_machine(everywhere, name, adapters=(VMXNET3,))
    made = plan("offload-off", everywhere)

    assert ["switch-off-eth0 cp", "switch-off-eth0 w1", "prove", "ask", "switch-off-eth0 w2"] == steps(made)[:5]


def test_on_talos_a_document_is_applied_and_lasts() -> None:
    """No shell, nothing to make last, and both features are in the document."""
    made = plan("offload-off", with_machine(incident(), "w1", os_image="Talos (v1.11.0)"))
    (form,) = made.steps[0].forms

    assert "keep-eth0 w1" not in steps(made)
    assert ["  tx-udp_tnl-segmentation: false", "  tx-udp_tnl-csum-segmentation: false"] == [
        line for line in form.lines if line.startswith("  tx")
    ]


def test_without_an_offload_that_is_on_there_is_nothing_to_do() -> None:
    """It says so, about the nodes that were named."""
    assert "on w2" in said(plan("offload-off", incident("w2")))


# vmxnet3-to-e1000e


def test_workers_come_first_and_each_node_is_asked_for() -> None:
    """The only control-plane node is last, with etcd backed up before."""
    made = plan("vmxnet3-to-e1000e", incident("cp", "w1", "w2", verbs=ALL_VERBS, api_outage=True))

    assert ("w1", "w2", "cp") == made.nodes
    assert ["soak w1", "ask-w2", "measure-before w2", "cordon w2"] == steps(made)[7:11]
    assert ["soak w2", "ask-cp", "measure-before cp", "backup cp", "etcd-before cp", "cordon cp"] == steps(made)[16:22]


def test_only_ways_between_nodes_that_are_done_are_judged() -> None:
    """After the first node there is none; after the second there is one."""
    made = plan("vmxnet3-to-e1000e", incident("w1", "w2", verbs=ALL_VERBS))
    judged = {
        s.node: {e.nodes for e in s.verification if e.code == "paths.cross-tcp"}
        for s in made.steps
        if s.name == "verify"
    }

    assert {"w1": set(), "w2": {("w1", "w2")}} == judged


def test_by_hand_one_step_is_the_vms_part() -> None:
    """It is verified as a whole: type, MAC address and node address."""
    made = plan("vmxnet3-to-e1000e", incident("w1", verbs=ALL_VERBS, way="manual"))
    step = next(step for step in made.steps if step.name == "exchange")

    assert {Hand.PERSON} == {s.hand for s in made.steps if s.hand is not Hand.NOBODY}
    assert (("e1000e",), "10.250.0.11") == (step.verification[0].outcomes, step.verification[0].address)
    assert step.verification[0].mac


@pytest.mark.parametrize(
    ("name", "changes", "why"),
    [
        ("w2", {"ready": False}, "short of nodes"),
        ("w2", {"cordoned": True}, "Cordoned already"),
        ("w1", {"adapters": (VMXNET3, VMXNET3)}, "several adapters"),
        ("w1", {"adapters": ()}, "no agent"),
        ("w1", {"adapters": (msgspec.structs.replace(VMXNET3, mac=""),)}, "MAC address of eth0 is not known"),
        ("w1", {"adapters": (E1000E,)}, "No VMXNET3 adapter"),
    ],
    ids=["not-ready", "cordoned", "two-adapters", "unseen", "no-mac", "done"],
)
def test_what_must_not_be_begun_is_refused(name: str, changes: dict[str, Any], why: str) -> None:
    """With the reason."""
    assert why in said(plan("vmxnet3-to-e1000e", with_machine(incident("w1"), name, **changes)))


@pytest.mark.parametrize(("planes", "refused"), [(1, True), (2, True), (3, False), (4, False), (5, False)])
def test_etcd_keeps_its_quorum(planes: int, refused: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """One control-plane node may go as long as the others are a majority; less takes consent."""
    given = incident("cp")
    for number in range(1, planes):
        given = with_machine(given, f"cp{number}", control_plane=True, etcd=True, adapters=(E1000E,))

    assert refused is ("quorum" in said(plan("vmxnet3-to-e1000e", given)))


def test_it_is_there_although_the_evidence_does_not_support_it() -> None:
    """And says plainly what speaks against it."""
    given = incident("w1")
    healthy = Situation(
        inventory=given.inventory,
        findings=given.findings,
        diagnosis=msgspec.structs.replace(given.diagnosis, causes=()) if given.diagnosis else None,
        nodes=given.nodes,
    )
    made = plan("vmxnet3-to-e1000e", healthy)

    assert made.steps
    assert made.override is not None
    assert plan("vmxnet3-to-e1000e", given).override is None


def test_the_whole_way_back_is_the_same_procedure() -> None:
    """A node that was finished gets its VMXNET3 again."""
    done = with_machine(incident("w1", to="vmxnet3"), "w1", adapters=(E1000E,))
    made = plan("vmxnet3-to-e1000e", done)
    step = next(step for step in made.steps if step.name == "exchange")

    assert ("vmxnet3",) == step.verification[0].outcomes


def test_a_vm_is_found_by_both_byte_orders_or_by_its_mac() -> None:
    """Never by name alone."""
    known = Machine(name="w1", system_uuid="4202c0de-0000-4000-8000-000000000011")
    unknown = Machine(name="w1")
    (_, govc, _), (_, by_mac, _) = (vsphere.exchange(m, VMXNET3, "e1000e") for m in (known, unknown))

    assert "4202c0de-0000-4000-8000-000000000011" in govc.lines[0]
    assert "dec00242-0000-0040-8000-000000000011" in govc.lines[0]
    assert VMXNET3.mac in by_mac.lines[0]
    assert "-name" not in by_mac.lines[0]


# create-pool


@pytest.mark.parametrize("written", ["", "x", "10.0.0.9-10.0.0.1", "10.0.0.1-fd00::1", "10.0.0.1/24", "1.2.3.4-"])
def test_a_range_that_cannot_be_read_is_named(written: str) -> None:
    """And how one is written."""
    with pytest.raises(Wrong) as raised:
        parse(written)
    assert written.split("-", maxsplit=1)[0] in ENGLISH.words(raised.value.text)


INVENTORY = Inventory(
    machines=(Machine(name="w1", address="192.0.2.11"),),
    pod_networks=("10.244.1.0/24",),
    services=("10.96.0.1", "fd00:10:96::1"),
    pools={"old": ("192.0.2.100-192.0.2.120",)},
)


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("192.0.2.1-192.0.2.20", "the address of the node w1"),
        ("10.244.1.128/25", "the pod network"),
        ("10.96.7.0/24", "the network of the Services"),
        ("fd00:10:96::/120", "the network of the Services"),
        ("192.0.2.110", "the pool old"),
        ("192.0.2.200-192.0.2.210, 192.0.2.205", "written twice"),
    ],
)
def test_a_range_that_is_taken_is_refused(written: str, what: str) -> None:
    """By whom is said."""
    assert what in " ".join(ENGLISH.words(text) for text in overlaps(parse(written), INVENTORY))


def test_free_ranges_of_both_families_are_taken() -> None:
    """Ranges, networks and single addresses."""
    assert [] == list(overlaps(parse("192.0.2.12-192.0.2.99, 2001:db8::/120,192.0.2.121"), INVENTORY))


def test_a_pool_is_made_once() -> None:
    """A name that is there already is refused, and so is a cluster without MetalLB."""
    given = incident(addresses="10.250.0.100-10.250.0.120", name="old")
    taken = msgspec.structs.replace(given.inventory, pools={"old": ("192.0.2.1/32",)}, metallb_namespace="")
    refused = said(plan("create-pool", Situation(inventory=taken, choices=given.choices)))

    assert "There is a pool old already" in refused
    assert "MetalLB was not found" in refused


# stabilise-coredns


def test_replicas_that_fail_only_from_afar_are_left_alone() -> None:
    """In the founding incident the way is broken, not the replica: nothing is deleted."""
    assert ["verify"] == steps(plan("stabilise-coredns", incident()))
