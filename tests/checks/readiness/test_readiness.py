"""Which practices findings say are met."""

import pytest

from checks.code import Role
from checks.diagnosis.evidence import declared_codes
from checks.finding import Finding, Seen
from checks.place import Node
from checks.readiness import PRACTICES, Practice, State, assess, checks_of
from checks.registry import CHECKS
from checks.text import say
from tests.checks.diagnosis.worlds import healthy_findings

TEXT = say("An example.")


def assessed(name: str, *changed: Finding) -> tuple[State, tuple[str, ...]]:
    """A practice's state and places in a sound cluster with these findings instead of its own."""
    codes = {finding.code for finding in changed}
    findings = [*(f for f in healthy_findings() if f.code not in codes), *changed]
    found = next(each for each in assess(findings) if each.practice.name == name)
    return found.state, tuple(map(str, found.places()))


def test_a_sound_cluster_meets_every_practice_that_can_be_seen() -> None:
    """Nothing is missed, and nothing that is well in itself is taken for a fault."""
    states = {each.practice.name: str(each.state) for each in assess(healthy_findings())}

    assert {} == {name: state for name, state in states.items() if state != "met"}


@pytest.mark.parametrize("practice", PRACTICES, ids=lambda practice: practice.name)
def test_every_practice_is_told_by_what_checks_declare(practice: Practice) -> None:
    """Codes and outcomes exist, and it is said what to do."""
    codes = declared_codes()

    assert [] == [code for code in practice.codes if code not in codes]
    assert [] == [
        (code, word) for code, words in practice.faults.items() for word in words if word not in codes[code].words
    ]
    assert practice.do.template


def test_each_is_run_once() -> None:
    """Nothing is measured twice, and nothing that only runs on request."""
    names = checks_of()

    assert sorted(set(names)) == sorted(names)
    assert [] == [name for name in names if CHECKS[name].on_request]


def test_every_symptom_of_its_checks_belongs_to_a_practice_or_is_left_out_on_purpose() -> None:
    """A code that is added asks where it belongs; these are about what only somebody who asks measures."""
    told = {code for practice in PRACTICES for code in practice.codes}
    left = {
        code.name
        for name in checks_of()
        for code in CHECKS[name].codes
        if code.role is Role.SYMPTOM and code.name not in told
    }

    assert {
        "dns.path-loss",
        "dns.transport",
        "paths.tunnel-arrivals",
        "paths.webhook-endpoint",
        "paths.webhook-service",
        "services.address",
        "services.endpoint",
    } == left


def found(code: str, outcome: str) -> Finding:
    """A finding at w1, and one place that is well."""
    declared = declared_codes()[code]
    well = next(word for word in declared.words if declared.normal(word))
    return declared.found(TEXT, [Seen(Node("w1"), outcome), Seen(Node("w2"), well)])


@pytest.mark.parametrize(
    ("name", "code", "outcome"),
    [
        ("adapters", "nic.errors", "rising"),
        ("adapters", "nic.tunnel-offload", "on"),
        ("ipv6", "ipv6.dad", "duplicate"),
        ("dns", "dns.spread", "together"),
        ("mtu", "nic.mtu", "no-room"),
        ("metallb", "kube-proxy.strict-arp", "off"),
        ("services", "kube-proxy.leftovers", "ipvs"),
        ("api-servers", "apiserver.ready", "failing"),
        ("nodes", "node.ready", "not-ready"),
    ],
)
def test_a_fault_is_named_with_its_place(name: str, code: str, outcome: str) -> None:
    """Also one that a healthy cluster may have: the offload of VMXNET3 is well until it is not."""
    assert (State.NOT_MET, ("w1",)) == assessed(name, found(code, outcome))


def test_an_adapter_without_its_offload_is_proven_enough() -> None:
    """VMXNET3 itself is no fault."""
    changed = (found("nic.adapter", "vmxnet3"), found("nic.tunnel-offload", "off"))

    assert (State.MET, ()) == assessed("adapters", *changed)


def test_what_could_not_be_looked_at_is_not_met() -> None:
    """And not failed either; a fault beside it counts more."""
    unseen = declared_codes()["nic.mtu"].unseen(TEXT)

    assert State.UNSEEN is assessed("mtu", unseen)[0]
    assert (
        State.NOT_MET
        is assessed("adapters", declared_codes()["nic.adapter"].unseen(TEXT), found("nic.errors", "rising"))[0]
    )


def test_what_the_cluster_does_not_have_does_not_apply() -> None:
    """Nobody without MetalLB has to do anything about it."""
    codes = next(practice.codes for practice in PRACTICES if practice.name == "metallb")
    words = {code: "absent" if code == "metallb.installed" else "not-used" for code in codes}
    nothing = [declared_codes()[code].found(TEXT, outcome=word) for code, word in words.items()]

    assert (State.NOT_APPLICABLE, ()) == assessed("metallb", *nothing)
