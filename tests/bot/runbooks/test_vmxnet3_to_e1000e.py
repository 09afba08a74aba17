"""Which nodes the exchange of adapters takes, in which order, and what is looked for around each."""

import dataclasses
from typing import Any

import msgspec
import pytest

from bot.access.requester import Requester
from bot.language import ENGLISH
from bot.runbooks.execution import DONE, Execution, advance, planned
from bot.runbooks.machine import TRANSITIONS, Event, State
from bot.runbooks.model import Expectation, Hand, Plan, Step
from bot.runbooks.registry import RUNBOOKS, looked_at
from bot.runbooks.situation import Situation
from checks.cluster.owner import Owner
from checks.etcd.judge import API_SERVER, MEMBER
from checks.finding import UNSEEN, Finding, Seen
from checks.inventory import Adapter
from checks.place import Node
from checks.report import Report
from checks.text import say
from tests.bot.runbooks.situations import ALL_VERBS, incident, with_machine

OFF = {"tx-udp_tnl-segmentation": False, "tx-udp_tnl-csum-segmentation": False}
ON = dict.fromkeys(OFF, True)
PLANES = ("cp", "cp2", "cp3")
PASSING = dict.fromkeys(PLANES, "pass")
LED_BY_CP = {"cp": "leader", "cp2": "follower", "cp3": "follower"}
UNTOLD = dict.fromkeys(PLANES, UNSEEN)


def plan_for(situation: Situation) -> Plan:
    """The plan for it."""
    return RUNBOOKS["vmxnet3-to-e1000e"].plan(situation)


def words(plan: Plan) -> list[str]:
    """What is to be known before it is begun."""
    return [text.template for text in plan.warnings]


def adapter(number: int, offloads: dict[str, bool]) -> Adapter:
    """A VMXNET3 adapter."""
    return Adapter(name="eth0", driver="vmxnet3", mac=f"00:50:56:00:00:{number:02x}", offloads=offloads)


def three_planes(servers: dict[str, str], members: dict[str, str], *nodes: str, **choices: Any) -> Situation:
    """Three control-plane nodes and w1, to be done, with what they told of etcd by node and outcome."""
    given = incident(*(nodes or (*PLANES, "w1")), verbs=ALL_VERBS, **choices)
    for number, name in enumerate(PLANES, 1):
        given = with_machine(given, name, control_plane=True, etcd=True, adapters=(adapter(number, ON),))
    told = [
        code.found(say("x"), [Seen(Node(node), word) for node, word in seen.items()])
        if set(seen.values()) - {UNSEEN}
        else code.unseen(say("x"), (), map(Node, seen))
        for code, seen in ((API_SERVER, servers), (MEMBER, members))
    ]
    others = [finding for finding in given.findings if not finding.code.startswith("etcd.")]
    return dataclasses.replace(given, findings=[*others, *told])


def step(plan: Plan, name: str, node: str) -> Step:
    """A step by its name and node."""
    return next(each for each in plan.steps if (each.name, each.node) == (name, node))


def of_etcd(expected: tuple[Expectation, ...]) -> dict[str, tuple[str, ...]]:
    """The nodes at which something of etcd is expected, by code."""
    return {each.code: each.nodes for each in expected if each.check == "etcd"}


def unmet(looking: Step, finding: Finding) -> list[str]:
    """What of a step's verification this finding does not hold, in words."""
    seen = Report(severity=finding.severity, findings=(finding,))
    return [
        ENGLISH.words(text) for each in looking.verification if each.code == finding.code for text in each.unmet(seen)
    ]


def test_without_a_word_the_accused_nodes_are_taken() -> None:
    """The only control-plane node does no harm, so it need not go down; that others are left out is said."""
    plan = plan_for(incident())

    assert (("w1",), ()) == (plan.nodes, plan.refusals)
    assert words(plan)[0].startswith("This is for the nodes at which the diagnosis sees the cause.")


def test_named_nodes_are_taken_as_they_were_named() -> None:
    """Whoever names nodes has chosen."""
    plan = plan_for(incident("w2", "w1"))

    assert ({"w1", "w2"}, []) == (set(plan.nodes), [text for text in words(plan) if text.startswith("This is for")])


def test_where_nothing_is_accused_all_are_taken() -> None:
    """Workers first; the consent to an outage is asked for as ever."""
    without = dataclasses.replace(incident(api_outage=True), diagnosis=None)

    assert ("w1", "w2", "cp") == plan_for(without).nodes
    assert () != plan_for(dataclasses.replace(incident(), diagnosis=None)).refusals


# etcd


def test_the_leader_of_etcd_is_taken_last() -> None:
    """Workers, then followers, so that it leads on meanwhile; that it is known is said in place of how to find it."""
    plan = plan_for(three_planes(PASSING, LED_BY_CP))

    assert ("w1", "cp2", "cp3", "cp") == plan.nodes
    assert ["The member of etcd on {node} leads, so this node is taken last."] == [
        text for text in words(plan) if "lead" in text
    ]


@pytest.mark.parametrize("members", [UNTOLD, LED_BY_CP | {"cp3": "leader"}], ids=["untold", "two-say-so"])
def test_a_leader_that_is_not_known_is_for_people_to_find(members: dict[str, str]) -> None:
    """Nobody is guessed."""
    plan = plan_for(three_planes(PASSING, members))

    assert ("w1", "cp", "cp2", "cp3") == plan.nodes
    assert any(text.startswith("Take the node that leads etcd last") for text in words(plan))


def test_its_plan_is_made_from_what_etcd_tells() -> None:
    """No other runbook pays for that."""
    assert (True, False) == ("etcd" in looked_at("vmxnet3-to-e1000e"), "etcd" in looked_at("offload-off"))


def test_etcd_is_well_before_and_after_each_control_plane_node() -> None:
    """Before the cordon and once more before it goes down, after the exchange, and at the end of the soak."""
    plan = plan_for(three_planes(PASSING, LED_BY_CP))
    everywhere = {"etcd.api-server": PLANES, "etcd.member": PLANES}
    looked = {
        name: {**of_etcd(step(plan, name, "cp2").precondition), **of_etcd(step(plan, name, "cp2").verification)}
        for name in ("cordon", "drain", "exchange", "verify", "soak")
    }

    assert dict.fromkeys(looked, everywhere) | {"drain": {}} == looked
    assert {} == of_etcd(step(plan, "verify", "w1").verification)


def test_only_what_told_something_is_to_tell_it_again() -> None:
    """On Talos the API servers tell and the members do not; a plan does not wait for what was never seen."""
    plan = plan_for(three_planes(PASSING, UNTOLD))

    assert {"etcd.api-server": PLANES} == of_etcd(step(plan, "verify", "cp2").verification)
    assert [] == [each.name for each in plan.steps if each.name.startswith("etcd")]


def test_where_nothing_is_told_a_person_looks() -> None:
    """Before the node goes down and after it is back."""
    plan = plan_for(three_planes(PASSING | {"cp3": UNSEEN}, LED_BY_CP | {"cp3": UNSEEN}))
    before, after = step(plan, "etcd-before", "cp2"), step(plan, "etcd-after", "cp2")
    names = [each.name for each in plan.steps if each.node == "cp2"]

    assert (Hand.PERSON, Hand.PERSON) == (before.hand, after.hand)
    assert "Nothing of etcd is told to netcheck on cp3." == ENGLISH.words(before.why[0])
    assert names.index("etcd-before") < names.index("cordon")
    assert names.index("verify") < names.index("etcd-after") < names.index("uncordon")
    assert ("", "cp2") == (before.unit, after.unit), "from here the node can be rolled back"


@pytest.mark.parametrize(
    ("servers", "members", "where"),
    [
        (PASSING | {"cp3": "failed"}, LED_BY_CP, "etcd.api-server at cp3"),
        (PASSING, LED_BY_CP | {"cp2": "no-leader"}, "etcd.member at cp2"),
        (PASSING, LED_BY_CP | {"cp2": "learner"}, "etcd.member at cp2"),
    ],
)
def test_nothing_is_begun_while_etcd_is_not_well(servers: dict[str, str], members: dict[str, str], where: str) -> None:
    """Where it is not is said; a plan for workers alone does not depend on it."""
    plan = plan_for(three_planes(servers, members))

    assert [True] == [where in ENGLISH.words(text) for text in plan.refusals]
    assert () == plan_for(three_planes(servers, members, "w1")).refusals


def test_an_unhealthy_etcd_stops_the_whole_plan() -> None:
    """The verification of the node does not hold, and no word that anybody can say then leads on to the next node."""
    plan = plan_for(three_planes(PASSING, LED_BY_CP))
    index = plan.steps.index(step(plan, "verify", "cp2"))
    finding = MEMBER.found(say("x"), [Seen(Node(n), "no-leader" if n == "cp2" else "follower") for n in PLANES])
    assert ["etcd.member at cp2: no-leader"] == unmet(plan.steps[index], finding)

    begun = planned(Execution(id="i-1", runbook="x", by=Requester("ada"), since=0.0), plan, 1.0)
    done = dict.fromkeys(range(index), DONE)
    failed = advance(
        msgspec.structs.replace(begun, state=State.VERIFYING, index=index, outcomes=done), Event.FAILS, 2.0
    )
    after = {event: advance(failed, event, 3.0) for event in TRANSITIONS[State.UNVERIFIED] if failed.may(event)}
    assert State.UNVERIFIED == failed.state
    assert {Event.AGAIN, Event.BACK, Event.STOP} <= set(after)
    assert [] == [event for event, each in after.items() if each.index > index]


def test_etcd_that_fell_silent_does_not_hold() -> None:
    """An API server that told before and does not now is not well."""
    plan = plan_for(three_planes(PASSING, LED_BY_CP))
    finding = API_SERVER.found(say("x"), [Seen(Node(n), UNSEEN if n == "cp2" else "pass") for n in PLANES])

    assert ["etcd.api-server at cp2: not seen"] == unmet(step(plan, "verify", "cp2"), finding)


def test_a_dedicated_member_of_etcd_counts_as_one() -> None:
    """RKE2 has nodes with etcd alone: they come after the workers, and one of two is no majority."""
    given = with_machine(incident("w1", "w2"), "w1", etcd=True)
    consented = dataclasses.replace(given, choices={"api_outage": True})

    assert [True] == ["While w1 is off, etcd has no quorum" in ENGLISH.words(text) for text in plan_for(given).refusals]
    assert ("w2", "w1") == plan_for(consented).nodes


def test_the_only_api_server_is_not_taken_without_a_word() -> None:
    """Also where etcd is elsewhere and keeps its majority."""
    given = with_machine(incident("cp"), "cp", etcd=False)

    assert [True] == ["the only control-plane node" in ENGLISH.words(text) for text in plan_for(given).refusals]


# webhooks


def test_the_dry_run_is_judged_only_where_every_api_server_is_done() -> None:
    """Any of them may be the one that asks; the ways from nodes that are done are judged before that."""
    plan = plan_for(three_planes(PASSING, LED_BY_CP))
    looked = {
        node: {e.code for e in step(plan, "verify", node).verification if "webhook" in e.code} for node in plan.nodes
    }
    ways = {"paths.webhook-endpoint", "paths.webhook-service"}

    assert {"w1": ways, "cp2": ways, "cp3": ways, "cp": {*ways, "webhook.dry-run"}} == looked
    assert "webhook.dry-run" in {each.code for each in plan.steps[-1].verification}


# what comes after the last node


def test_what_kept_the_offload_off_is_removed_at_the_end() -> None:
    """By a person, where something kept it off; e1000e has no such offload."""
    given = with_machine(incident("w1", "w2"), "w1", adapters=(adapter(0x11, OFF),))
    plan = plan_for(with_machine(given, "w2", adapters=(adapter(0x12, ON),)))
    (form,) = plan.steps[-2].forms

    assert [("soak", "w2"), ("remove-eth0", "w1"), ("confirm", "")] == [(s.name, s.node) for s in plan.steps[-3:]]
    assert "/etc/udev/rules.d/90-netcheck-offloads-eth0.rules" in form.lines[1]
    assert "netcheck-offloads-eth0.service" in form.lines[1]
    assert plan.steps[-2].undo


def test_on_talos_the_document_is_removed() -> None:
    """Applied without a restart of the node; the way back makes it again."""
    given = with_machine(incident("w1"), "w1", adapters=(adapter(0x11, OFF),), os_image="Talos (v1.11.0)")
    remove = step(plan_for(given), "remove-eth0", "w1")
    (form,) = remove.forms

    assert ["kind: EthernetConfig", "name: eth0", "$patch: delete"] == list(form.lines[3:6])
    assert form.lines[-1].endswith("--mode=no-reboot")
    assert remove.undo
    assert "  tx-udp_tnl-segmentation: false" in remove.undo.forms[0].lines


def test_back_to_vmxnet3_nothing_is_removed() -> None:
    """The setting may be what that adapter needs."""
    e1000e = Adapter(name="eth0", driver="e1000e", mac="00:50:56:00:00:11", offloads=OFF)
    plan = plan_for(with_machine(incident("w1", to="vmxnet3"), "w1", adapters=(e1000e,)))

    assert plan.steps
    assert [] == [each.name for each in plan.steps if each.name.startswith("remove")]


def test_the_end_says_what_is_next() -> None:
    """A restart of MetalLB's controller only if need be, and a pool where there is none."""
    why = " ".join(ENGLISH.words(text) for text in plan_for(incident("w1")).steps[-1].why)

    assert (True, True) == ("redeploy-metallb" in why, "create-pool" in why)


# what owns a VM

OWNER = Owner(product="Cluster API", machine="prod-w1", by="MachineSet prod-md-0", cluster="prod")


def test_a_vm_that_is_made_from_a_template_is_not_changed_behind_its_owners_back() -> None:
    """Who that is, and what to change instead."""
    (refusal,) = plan_for(with_machine(incident("w1"), "w1", owner=OWNER)).refusals

    assert (
        "w1: Cluster API made this node (Machine prod-w1 of MachineSet prod-md-0, cluster prod): change the template, "
        "or new machines come as before. To exchange it here all the same, say owned=true."
    ) == ENGLISH.words(refusal)


def test_a_person_may_say_so_all_the_same() -> None:
    """It is said before and at the end, and the operator is told that it may, there and back."""
    plan = plan_for(with_machine(incident("w1", verbs=ALL_VERBS, owned=True), "w1", owner=OWNER))
    exchange = step(plan, "exchange", "w1")
    told = [[ENGLISH.words(text) for text in texts] for texts in (plan.warnings, plan.steps[-1].why)]

    assert exchange.undo
    assert [True, True] == [getattr(each.operation, "owned", None) for each in (exchange, exchange.undo)]
    assert [True, True] == [any("Machine prod-w1" in text for text in texts) for texts in told]
    assert not any("VM templates keep their adapter" in text for texts in told for text in texts)
