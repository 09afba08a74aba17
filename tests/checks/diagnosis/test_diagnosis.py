"""What the evidence supports, beyond what every cause is held to in `test_causes`."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from checks.code import Role
from checks.diagnosis import decided, diagnose
from checks.diagnosis.causes import CAUSES
from checks.diagnosis.evidence import declared_codes
from checks.diagnosis.model import HEALTHY, UNKNOWN, Diagnosis
from checks.finding import UNSEEN, Finding
from checks.place import Cluster, Node, Pair, Place
from checks.text import say
from tests.checks.diagnosis.worlds import World, findings, healthy, home, with_cause
from tests.checks.words import words

OFFLOAD = CAUSES["vmxnet3-tunnel-offload"]
W1 = Node("w1")
"""The webhook's node."""


def incident(place: Place = W1) -> World:
    """The founding incident at the webhook's own node, and what comes with it."""
    return with_cause(healthy(), OFFLOAD, place)


def changed(world: World, outcomes: Mapping[str, str], near: Place | None = None) -> World:
    """The world with other outcomes of some codes, everywhere or where a place is involved between nodes."""
    return {
        (code, at): outcomes[code]
        if code in outcomes and (near is None or (near.identity <= at.involves and (at.crosses or at == near)))
        else word
        for (code, at), word in world.items()
    }


def error_text(outcome: str) -> Finding:
    """The finding of a pasted text; an empty outcome stands for one that nobody could read."""
    code = declared_codes()["texts.webhook"]
    return code.found(say("x"), outcome=outcome) if outcome else code.unseen(say("x"))


def letters(diagnosis: Diagnosis) -> set[str]:
    """The letters of the probe matrix that speak for the first cause."""
    return {declared_codes()[r.code].probe for r in diagnosis.causes[0].pro}


def test_the_incident_shows_what_speaks_for_it() -> None:
    """Failing D, F and G and living A and C are the evidence; the place is where the offload is, not every bad pair."""
    diagnosis = diagnose(findings(incident()))

    assert ("vmxnet3-tunnel-offload", (W1,)) == (diagnosis.verdict, diagnosis.causes[0].at)
    assert {"A", "C", "D", "F", "G"} <= letters(diagnosis)
    assert (W1,) == next(r.places for r in diagnosis.causes[0].pro if r.code == "nic.tunnel-offload")
    assert () == diagnosis.unexplained


def test_a_fix_names_the_place() -> None:
    """Nobody should have to look for the node at night."""
    fix = diagnose(findings(incident())).causes[0].fix

    assert fix is not None
    assert "the VMXNET3 adapter (`eth0` or so) of w1: `ethtool -K IFACE" in words(fix)


def test_a_passing_dry_run_beside_the_api_server_is_not_health() -> None:
    """With the controller on the API server's node the webhook answers, and the tunnel is broken all the same."""
    local = {"webhook.dry-run": "pass-local", "paths.webhook-endpoint": "pass", "paths.webhook-service": "pass"}
    world = {
        (code, replace(at, ends=("cp",)) if code in local else at): local.get(code, word)
        for (code, at), word in incident().items()
    }

    assert "vmxnet3-tunnel-offload" == diagnose(findings(world)).verdict


@pytest.mark.parametrize(
    "circumstances",
    [{"nic.tunnel-offload": "off"}, {"nic.adapter": "e1000e", "nic.tunnel-offload": "other-adapter"}],
)
def test_a_circumstance_that_does_not_hold_rules_its_cause_out(circumstances: dict[str, str]) -> None:
    """The same failures on nodes without the offload have another reason, whatever it is."""
    diagnosis = diagnose(findings(changed(incident(), circumstances)))

    assert "vmxnet3-tunnel-offload" not in [diagnosis.verdict, *(cause.slug for cause in diagnosis.causes)]
    assert UNKNOWN == diagnosis.verdict


def test_the_circumstance_must_hold_at_the_place() -> None:
    """Failures around a node whose offload is off are not the doing of another node's."""
    elsewhere = changed(incident(), {"nic.tunnel-offload": "off"})
    moved = {**elsewhere, ("nic.tunnel-offload", Node("w4")): "on"}

    assert UNKNOWN == diagnose(findings(moved)).verdict


def test_a_circumstance_that_nobody_saw_leaves_a_candidate() -> None:
    """Without a look at the adapters the offload may be it, but is not the verdict."""
    diagnosis = diagnose(findings(incident(), {"nic.adapter", "nic.tunnel-offload"}))

    assert (UNKNOWN, "vmxnet3-tunnel-offload", True) == (
        diagnosis.verdict,
        diagnosis.causes[0].slug,
        diagnosis.causes[0].probability <= 0.5,
    )


FORWARDING = {"paths.cross-tcp": "rejected", "paths.cross-tcp-bulk": "rejected", "paths.host-pod": "rejected"}
UNDERLAY = {
    "paths.cross-ping": "lost",
    "paths.cross-tcp": "lost",
    "paths.cross-tcp-bulk": "lost",
    "paths.host-pod": "lost",
}


@pytest.mark.parametrize(
    ("outcomes", "offload"),
    [
        (FORWARDING, "on"),
        (FORWARDING, "off"),
        (UNDERLAY, "on"),
        (UNDERLAY | {"paths.host-tcp": "lost"}, "on"),
        (UNDERLAY | {"dns.replica-remote": "unanswered", "dns.path-loss": "loses"}, "off"),
    ],
    ids=["rejected, offload on", "rejected", "dropped when forwarded, offload on", "underlay", "wrong entry"],
)
def test_what_no_cause_explains_is_not_called_by_the_name_of_another(outcomes: dict[str, str], offload: str) -> None:
    """A reject in the FORWARD chain, a wrong forwarding entry and loss below have no cause yet: unknown, and listed."""
    world = changed(changed(healthy(), {"nic.tunnel-offload": offload}), outcomes, W1)

    diagnosis = diagnose(findings(world))

    assert UNKNOWN == diagnosis.verdict
    assert set(outcomes) == {reference.code for reference in diagnosis.unexplained}
    assert [] == [cause.slug for cause in diagnosis.causes if cause.probability > 0.5]


def test_one_lossy_pair_is_no_node() -> None:
    """A cause at a node is contradicted by all the pairs of that node that pass."""
    pair: World = {("paths.cross-tcp", Pair("w1", "w2")): "lost", ("paths.cross-tcp-bulk", Pair("w1", "w2")): "lost"}
    world = changed(healthy(), {"nic.tunnel-offload": "on"})

    assert UNKNOWN == diagnose(findings({**world, **pair})).verdict


def test_two_causes_each_keep_their_own_probability() -> None:
    """The offload at one node and the MTU at another are both nearly certain, each at its place."""
    mtu = CAUSES["mtu-mismatch"]
    diagnosis = diagnose(findings(with_cause(incident(home(OFFLOAD)), mtu, Node("w2"))))

    found = {cause.slug: (cause.at, cause.probability > 0.9) for cause in diagnosis.causes}
    assert {"vmxnet3-tunnel-offload": ((home(OFFLOAD),), True), "mtu-mismatch": ((Node("w2"),), True)} == found


def test_one_cause_may_be_at_many_places() -> None:
    """What misconfigures every node is one cause, not one for each."""
    world = healthy()
    for name in ("w1", "w2", "w3"):
        world = with_cause(world, CAUSES["firewall-vxlan"], Node(name))

    diagnosis = diagnose(findings(world))

    assert (("firewall-vxlan",), {"w1", "w2", "w3"}) == (
        (diagnosis.verdict, *diagnosis.also),
        {str(place) for place in diagnosis.causes[0].at},
    )


ESSENTIAL = [code.name for code in declared_codes().values() if code.essential]


@pytest.mark.parametrize("code", [*ESSENTIAL, "coverage.agents", "coverage.access", "coverage.checks"])
def test_blind_is_not_healthy(code: str) -> None:
    """What could not be looked at is never taken for well."""
    seen = [f for f in findings(healthy(), {code}) if f.code != code]
    unseen = declared_codes()[code].unseen(say("x"))

    assert UNKNOWN == diagnose([*seen, unseen]).verdict
    assert code not in ESSENTIAL or UNKNOWN == diagnose(seen).verdict


def test_nothing_seen_is_unknown() -> None:
    """No findings, no health."""
    assert UNKNOWN == diagnose([]).verdict


def test_a_code_of_another_version_is_no_evidence() -> None:
    """It can neither accuse nor break anything."""
    strange = Finding(code="dns.colour", severity=findings(healthy())[0].severity, text=say("x"), outcome="blue")

    assert HEALTHY == diagnose([*findings(healthy()), strange]).verdict


SYMPTOMS = sorted({code for code, _ in healthy() if declared_codes()[code].role is Role.SYMPTOM})


@pytest.mark.parametrize("code", SYMPTOMS)
def test_a_single_failure_is_never_healthy(code: str) -> None:
    """Whatever symptom shows, wherever, the verdict is a cause or `unknown`, and then it is listed."""
    place = next(at for name, at in healthy() if name == code)
    bad = [word for word in declared_codes()[code].words if not declared_codes()[code].normal(word)]
    for word in bad:
        diagnosis = diagnose(findings({**healthy(), (code, place): word}))
        assert HEALTHY != diagnosis.verdict
        assert diagnosis.verdict != UNKNOWN or [code] == [reference.code for reference in diagnosis.unexplained]


@pytest.mark.parametrize("outcome", ["x509", "proxy", "refused", "timeout", "lookup", "other"])
def test_a_pasted_text_that_nothing_confirms_is_not_health(outcome: str) -> None:
    """An error that cannot be reproduced is a failed finding that nothing explains, and accuses nobody by itself."""
    diagnosis = diagnose([*findings(healthy()), error_text(outcome)])

    assert UNKNOWN == diagnosis.verdict
    assert [] == [cause.slug for cause in diagnosis.causes if cause.probability > 0.5]


def test_a_pasted_text_that_nobody_can_read_is_not_health() -> None:
    """It may be what people suffer from."""
    assert UNKNOWN == diagnose([*findings(healthy()), error_text("")]).verdict


@pytest.mark.parametrize(("outcome", "slug"), [("x509", "ca-bundle"), ("refused", "no-endpoints")])
def test_a_pasted_text_supports_what_was_seen(outcome: str, slug: str) -> None:
    """Where the cluster shows it too, the text is one of the things that speak for it."""
    world = with_cause(healthy(), CAUSES[slug], home(CAUSES[slug]))
    diagnosis = diagnose([*findings(world), error_text(outcome)])

    assert (slug, True) == (diagnosis.verdict, "texts.webhook" in [r.code for r in diagnosis.causes[0].pro])


def test_only_a_dry_run_that_fails_makes_no_cause_win() -> None:
    """Nobody wins by default."""
    for word in ("timeout", "other", "refused", "lookup"):
        assert UNKNOWN == diagnose(findings(changed(healthy(), {"webhook.dry-run": word}))).verdict


def test_probabilities_are_probabilities() -> None:
    """They lie between 0 and 1, the named ones stand first."""
    causes = diagnose(findings(incident())).causes

    assert all(0 <= cause.probability <= 1 for cause in causes)
    assert causes[0].probability == max(cause.probability for cause in causes)


def test_what_would_decide_is_what_was_not_seen() -> None:
    """With a firewall and the network below equally likely, arrivals tell them apart."""
    world = with_cause(healthy(), CAUSES["firewall-vxlan"], home(CAUSES["firewall-vxlan"]))
    diagnosis = diagnose(findings(world, {"paths.tunnel-arrivals"}))

    assert UNKNOWN == diagnosis.verdict
    assert {"firewall-vxlan", "vxlan-port-conflict"} == {cause.slug for cause in diagnosis.causes}
    assert diagnosis.decide is not None
    assert "paths.tunnel-arrivals" in words(diagnosis.decide)


def test_a_verdict_is_given_early_when_nothing_awaited_can_take_it_back() -> None:
    """The dry run of the incident may be waited for aside; a row that the cause is sure to show may not."""
    diagnosis = diagnose(findings(incident(), {"webhook.dry-run"}))

    assert (True, False) == (decided(diagnosis, ["webhook"]), decided(diagnosis, ["paths"]))
    assert not decided(diagnose(findings(healthy())), ["webhook"])


CHAIN = {
    "": ["does not hold"] * 4,
    "vmxnet3-tunnel-offload": ["holds", "does not hold", "holds", "does not hold"],
    "coredns-replica": ["does not hold", "does not hold", "holds", "does not hold"],
    "ipv6-dad": ["does not hold", "holds", "does not hold", "does not hold"],
}


@pytest.mark.parametrize("slug", CHAIN)
def test_the_write_ups_chain_is_answered_link_by_link(slug: str) -> None:
    """Adapter, IPv6, CoreDNS and the webhook's name each get an answer, with what was measured."""
    world = with_cause(healthy(), CAUSES[slug], home(CAUSES[slug])) if slug else healthy()
    links = diagnose(findings(world)).chain

    assert CHAIN[slug] == [link.answer for link in links]
    assert all(link.measured for link in links)


@pytest.mark.parametrize(
    ("hidden", "outcomes", "link", "answer"),
    [
        ({code for code, _ in healthy() if code.startswith("ipv6.")}, {}, 1, "not measured"),
        ({"nic.adapter", "nic.tunnel-offload"}, {}, 0, "not measured"),
        (set(), {"nic.adapter": "e1000e", "nic.tunnel-offload": "other-adapter"}, 0, "does not hold"),
        ({"paths.cross-tcp"}, {}, 0, "not measured"),
    ],
)
def test_a_link_that_was_not_measured_says_so(
    hidden: set[str], outcomes: dict[str, str], link: int, answer: str
) -> None:
    """No answer is made up: failing traffic does not say which adapters there are, nor adapters that traffic fails."""
    world = changed(incident(), outcomes)

    assert answer == diagnose(findings(world, hidden)).chain[link].answer


def test_the_places_of_a_cluster_without_nodes_are_no_places() -> None:
    """A cause that concerns everything is at the cluster, and says so once."""
    diagnosis = diagnose(findings(changed(healthy(), {"webhook.dry-run": "proxy"})))

    assert ("apiserver-proxy", (Cluster(),)) == (diagnosis.verdict, diagnosis.causes[0].at)
    assert "The API server sends webhook calls to an HTTP proxy." == words(diagnosis.summary)


def test_unseen_places_are_neither_well_nor_bad() -> None:
    """A fact that nobody saw speaks for nothing."""
    world = {key: UNSEEN if key[0] == "paths.cross-ping" else word for key, word in incident().items()}

    assert "vmxnet3-tunnel-offload" == diagnose(findings(world)).verdict
