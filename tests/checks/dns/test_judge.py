"""What the answers of CoreDNS mean, for the faults that they are there to tell apart."""

import msgspec
import pytest

from checks.cluster.snapshot import EndpointSlice, Gap, Snapshot
from checks.dns import CHECK
from checks.dns.model import SERVICE, Asked, Parameters, Target
from checks.finding import UNSEEN, Finding, Severity
from checks.observation import Network, Observation, State
from checks.place import Node, Place, Replica, ReplicaPath, ServicePath
from checks.probes.outcome import Result
from tests.checks import judged
from tests.checks.dns.askers import FORWARDING, Change, cluster, lose, observe
from tests.checks.judged import outcomes
from tests.checks.words import words

WELL = {
    "replica-local": "pass",
    "replica-remote": "pass",
    "replica-loss": "pass",
    "path-loss": "pass",
    "service": "pass",
    "transport": "pass",
    "reply-source": "pass",
    "answers": "pass",
    "external": "not-asked",
    "edns": "pass",
    "large-answers": "not-asked",
    "zone": "pass",
    "search": "pass",
    "one-socket": "pass",
    "node-cache": "not-used",
    "upstreams": "not-used",
    "corefile": "pass",
    "replicas": "pass",
    "counters": "pass",
    "spread": "pass",
}
W1, W2 = Replica("coredns-w1", "w1"), Replica("coredns-w2", "w2")
TO_W1 = {node: ReplicaPath(node, "coredns-w1", "w1") for node in ("cp", "w1", "w2")}
TO_W2 = {node: ReplicaPath(node, "coredns-w2", "w2") for node in ("cp", "w1", "w2")}
OVER_W2 = {TO_W2["cp"], TO_W2["w1"], TO_W1["w2"]}
"""The paths between w2 and other nodes."""


def service(node: str) -> ServicePath:
    """The way from a node to the ClusterIP."""
    return ServicePath(node, "kube-system", "kube-dns", ("w1", "w2"), ("coredns-w1", "coredns-w2"))


def judge(
    snapshot: Snapshot, observations: list[Observation], parameters: Parameters | None = None
) -> dict[str, Finding]:
    """The findings of the check."""
    return judged.judged(CHECK, snapshot, observations, parameters)


def after(change: Change) -> dict[str, Finding]:
    """The findings in the usual cluster with a change."""
    return judge(cluster(), observe(cluster(), change))


def places(finding: Finding) -> dict[Place, str]:
    """The outcome at each place; no place is there twice."""
    assert len(finding.seen) == len({seen.place for seen in finding.seen})
    return {seen.place: seen.outcome for seen in finding.seen}


def bad(found: dict[str, Finding]) -> dict[str, set[Place]]:
    """The places at which something is wrong, of the findings that have any."""
    return {code: set(finding.where) for code, finding in found.items() if finding.where}


def silenced(observations: list[Observation], node: str, network: Network | None = None) -> list[Observation]:
    """The same, but the agents of a node did not answer."""
    return [
        msgspec.structs.replace(o, state=State.NO_ANSWER, data=None)
        if o.node == node and network in (None, o.network)
        else o
        for o in observations
    ]


def dead(asked: Asked) -> Asked:
    """No answer by either transport."""
    return msgspec.structs.replace(lose(asked, 1.0), tcp=Result.TIMEOUT)


def crosses(node: str, target: Target, bad: str) -> bool:
    """Whether a question goes to or from the bad node."""
    return target.name != SERVICE and node != target.node and bad in (node, target.node)


def well(_node: str, _network: Network, _target: Target, asked: Asked) -> Asked:
    """Nothing is wrong."""
    return asked


def tunnel_dead(node: str, _network: Network, target: Target, asked: Asked) -> Asked:
    """Nothing gets to or from w2; the ClusterIP loses what goes there."""
    if target.name == SERVICE:
        return msgspec.structs.replace(lose(asked, 0.5), tcp=Result.TIMEOUT)
    return dead(asked) if crosses(node, target, "w2") else asked


def tcp_dead(node: str, _network: Network, target: Target, asked: Asked) -> Asked:
    """Only TCP to and from w2 is lost."""
    return msgspec.structs.replace(asked, tcp=Result.TIMEOUT) if crosses(node, target, "w2") else asked


def udp_dead(node: str, _network: Network, target: Target, asked: Asked) -> Asked:
    """Only UDP to and from w2 is lost."""
    return lose(asked, 1.0) if crosses(node, target, "w2") else asked


def replica_loses(_node: str, _network: Network, target: Target, asked: Asked) -> Asked:
    """The replica on w2 loses 30 % for everybody; the ClusterIP half of that."""
    return lose(asked, {"coredns-w2": 0.3, SERVICE: 0.15}.get(target.name, 0.0))


def replica_and_tunnel(node: str, network: Network, target: Target, asked: Asked) -> Asked:
    """The replica on w1 loses for everybody, and UDP to and from w2 is lost besides."""
    lossy = lose(asked, 0.3) if target.name in ("coredns-w1", SERVICE) else asked
    return udp_dead(node, network, target, lossy)


def replica_dead(_node: str, _network: Network, target: Target, asked: Asked) -> Asked:
    """The replica on w2 answers nobody."""
    return dead(asked) if target.name == "coredns-w2" else asked


def all_lose(_node: str, _network: Network, _target: Target, asked: Asked) -> Asked:
    """Everybody loses 30 %."""
    return lose(asked, 0.3)


def asker_loses(node: str, _network: Network, _target: Target, asked: Asked) -> Asked:
    """Only who asks from w1 loses, whomever it asks."""
    return lose(asked, 0.3) if node == "w1" else asked


def servfail(_node: str, _network: Network, _target: Target, asked: Asked) -> Asked:
    """Every server answers with an error."""
    return msgspec.structs.replace(asked, rcodes={"SERVFAIL": 42}, nx_rcodes={"SERVFAIL": 6}, addresses=())


@pytest.mark.parametrize(
    ("change", "changed", "where"),
    [
        (well, {}, {}),
        (
            tunnel_dead,
            {"replica-remote": "unanswered", "path-loss": "loses", "service": "tcp-unanswered"},
            {"replica-remote": OVER_W2, "path-loss": OVER_W2, "service": set(map(service, ("cp", "w1", "w2")))},
        ),
        (
            tcp_dead,
            {"replica-remote": "tcp-unanswered", "transport": "udp-only"},
            {"replica-remote": OVER_W2, "transport": OVER_W2},
        ),
        (
            udp_dead,
            {"replica-remote": "unanswered", "path-loss": "loses", "transport": "tcp-only"},
            {"replica-remote": OVER_W2, "path-loss": OVER_W2, "transport": OVER_W2},
        ),
        (
            replica_loses,
            {"replica-loss": "loses", "service": "loses"},
            {"replica-loss": {W2}, "service": set(map(service, ("cp", "w1", "w2")))},
        ),
        (
            replica_and_tunnel,
            {
                "replica-remote": "unanswered",
                "replica-loss": "loses",
                "path-loss": "loses",
                "service": "loses",
                "transport": "tcp-only",
            },
            {
                "replica-remote": OVER_W2,
                "replica-loss": {W1},
                "path-loss": {TO_W2["cp"], TO_W2["w1"]},
                "service": set(map(service, ("cp", "w1", "w2"))),
                "transport": OVER_W2,
            },
        ),
        (
            replica_dead,
            {"replica-local": "unanswered", "replica-remote": "unanswered", "replica-loss": "loses"},
            {"replica-local": {W2}, "replica-remote": {TO_W2["cp"], TO_W2["w1"]}, "replica-loss": {W2}},
        ),
        (
            all_lose,
            {"replica-loss": "loses", "path-loss": "", "service": "loses", "edns": ""},
            {"replica-loss": {W1, W2}, "service": set(map(service, ("cp", "w1", "w2")))},
        ),
        (
            asker_loses,
            {"path-loss": "loses", "service": "loses"},
            {"path-loss": {TO_W1["w1"], TO_W2["w1"]}, "service": {service("w1")}},
        ),
        (
            servfail,
            {
                "replica-local": "wrong-answer",
                "replica-remote": "wrong-answer",
                "service": "wrong-answer",
                "answers": "server-failure",
            },
            {
                "replica-local": {W1, W2},
                "replica-remote": {TO_W1["cp"], TO_W1["w2"], TO_W2["cp"], TO_W2["w1"]},
                "service": set(map(service, ("cp", "w1", "w2"))),
                "answers": {W1, W2},
            },
        ),
    ],
    ids=["healthy", "tunnel", "tcp", "udp", "replica-loses", "both", "replica-dead", "all-lose", "asker", "servfail"],
)
def test_each_fault_has_its_own_signature(
    change: Change, changed: dict[str, str], where: dict[str, set[Place]]
) -> None:
    """Replica, path, transport and content are told apart, each at its places."""
    found = after(change)

    assert WELL | changed == outcomes(found)
    assert where == bad(found)


def test_what_passes_is_told_at_every_place() -> None:
    """Each replica, each path and each asker of a healthy cluster is there, with numbers."""
    found = after(well)

    paths = {*TO_W1.values(), *TO_W2.values()}
    assert dict.fromkeys((W1, W2), "pass") == places(found["replica-local"]) == places(found["replica-loss"])
    assert dict.fromkeys((W1, W2), "pass") == places(found["answers"])
    assert dict.fromkeys(paths, "pass") == places(found["path-loss"]) == places(found["transport"])
    assert dict.fromkeys(paths - {TO_W1["w1"], TO_W2["w2"]}, "pass") == places(found["replica-remote"])
    assert dict.fromkeys(map(service, ("cp", "w1", "w2")), "pass") == places(found["service"])
    assert {Node("w1"): "pass", Node("w2"): "pass"} == places(found["spread"])
    counted = {"lost": 0, "loss": 0.0, "p50_s": 0.0005, "p99_s": 0.002}
    assert [{"tcp_s": 0.001}] * 2 == [seen.measures for seen in found["replica-local"].seen]
    assert [counted | {"sent": 288}] * 2 == [seen.measures for seen in found["replica-loss"].seen]
    assert [counted | {"sent": 96}] * 6 == [seen.measures for seen in found["path-loss"].seen]
    assert [counted | {"sent": 16, "tcp_s": 0.001}] * 3 == [seen.measures for seen in found["service"].seen]


@pytest.mark.parametrize(
    ("change", "severities"),
    [
        (tunnel_dead, {"replica-remote": Severity.FAILED, "service": Severity.DEGRADED}),
        (tcp_dead, {"replica-remote": Severity.DEGRADED, "transport": Severity.FAILED}),
        (replica_loses, {"replica-loss": Severity.DEGRADED}),
        (all_lose, {"replica-loss": Severity.FAILED, "path-loss": Severity.UNKNOWN}),
        (asker_loses, {"path-loss": Severity.DEGRADED, "replica-loss": Severity.OK}),
        (servfail, {"replica-local": Severity.DEGRADED, "answers": Severity.FAILED}),
        (lambda *a: dead(a[3]), {"service": Severity.FAILED, "replica-local": Severity.FAILED}),
    ],
    ids=["tunnel", "tcp", "replica-loses", "all-lose", "asker", "servfail", "dead"],
)
def test_how_bad_it_is(change: Change, severities: dict[str, Severity]) -> None:
    """What works for some, or by one transport, is degraded; what nobody gets has failed."""
    found = after(change)

    assert severities == {code: found[code].severity for code in severities}


def test_a_lossy_replica_is_named_with_its_interval() -> None:
    """Who, how much, how sure."""
    finding = after(replica_loses)["replica-loss"]

    assert {W2: "loses", W1: "pass"} == places(finding)
    assert "84 of 288 datagrams lost, 29.2 % (95 % interval 24.2 % to 34.7 %)" in words(finding.text)
    assert words(finding.text).startswith("coredns-w2 loses queries for everybody, its own node included")
    assert any(words(line).startswith("coredns-w1 on w1: 0 of 288 datagrams lost") for line in finding.evidence)
    measures = finding.seen[0].measures
    assert (288, 84) == (measures["sent"], measures["lost"])
    assert pytest.approx(0.2917, abs=1e-4) == measures["loss"]


def test_of_paths_to_a_replica_that_loses_itself_nothing_is_told() -> None:
    """Whatever is lost on the way there cannot be told from what it loses."""
    finding = after(replica_loses)["path-loss"]

    assert dict.fromkeys(TO_W1.values(), "pass") | dict.fromkeys(TO_W2.values(), UNSEEN) == places(finding)


def test_answers_that_come_late_are_not_lost() -> None:
    """Where the median takes a third of a second, some take longer than they are waited for."""

    def late(_node: str, _network: Network, _target: Target, asked: Asked) -> Asked:
        return msgspec.structs.replace(lose(asked, 0.2), p50_s=0.35, p99_s=0.9)

    found = after(late)
    assert ("pass", "pass") == (found["replica-loss"].outcome, found["path-loss"].outcome)


def test_lossy_paths_are_named_as_paths() -> None:
    """From which node to which replica, worst first; the others pass."""
    found = after(udp_dead)

    assert {TO_W1["cp"], TO_W1["w1"], TO_W2["w2"]} == {
        place for place, outcome in places(found["path-loss"]).items() if outcome == "pass"
    }
    assert "Queries are lost on 3 of 6 paths to CoreDNS: the way, not the replica." == words(found["path-loss"].text)
    assert {W1: "pass", W2: "pass"} == places(found["replica-loss"])


def test_an_asking_is_shown_with_all_that_was_measured() -> None:
    """Loss, times, rcodes, TCP in the prober's words, and whether the prober itself was starved."""

    def change(node: str, network: Network, target: Target, asked: Asked) -> Asked:
        if (node, network, target.name) != ("w2", Network.POD, "coredns-w2"):
            return asked
        return msgspec.structs.replace(
            asked, answered=40, rcodes={"NOERROR": 30, "SERVFAIL": 4}, tcp=Result.CLOSED, tcp_detail="closed early"
        )

    observations = [msgspec.structs.replace(o, throttled=3) for o in observe(cluster(), change)]
    (line,) = judge(cluster(), observations)["replica-local"].evidence
    assert (
        "w2 (pod) → coredns-w2 10.244.1.3: UDP 40 of 48 answered, p50 0.5 ms, p99 2.0 ms, 4 times SERVFAIL, "
        "TCP closed: closed early, this agent was throttled 3 times"
    ) == words(line)


def test_a_replica_that_its_own_node_did_not_ask_is_not_accused() -> None:
    """Whatever is in front of that node would look the same: of the replica itself nothing is known."""
    found = judge(cluster(), silenced(observe(cluster(), replica_loses), "w2"))

    assert {W1: "pass", W2: UNSEEN} == places(found["replica-loss"])
    assert {TO_W2["cp"], TO_W2["w1"]} == set(found["path-loss"].where)
    assert "Queries are lost on 2 of 4 paths to CoreDNS." == words(found["path-loss"].text)
    assert "not measured from w2 (pod): no-answer" in map(words, found["replica-loss"].evidence)


def test_places_of_silent_nodes_are_listed_as_unseen() -> None:
    """What w2 should have asked is there, and is neither well nor unwell."""
    found = judge(cluster(), silenced(observe(cluster()), "w2"))

    assert WELL == outcomes(found)
    assert {W1: "pass", W2: UNSEEN} == places(found["replica-local"])
    for code, place in (
        ("replica-remote", TO_W1["w2"]),
        ("path-loss", TO_W2["w2"]),
        ("transport", TO_W1["w2"]),
        ("service", service("w2")),
    ):
        assert UNSEEN == places(found[code])[place]
        assert {"pass"} == {outcome for at, outcome in places(found[code]).items() if "w2" != at.nodes[0]}


def test_one_asker_for_whom_a_replica_is_clean_acquits_it() -> None:
    """One loss in 144 is clean: what is lost elsewhere is lost on the way."""

    def clean_for_cp(node: str, network: Network, target: Target, asked: Asked) -> Asked:
        if node == "cp" and target.name == "coredns-w2":
            return msgspec.structs.replace(asked, sent=144, answered=143)
        return replica_loses(node, network, target, asked)

    found = after(clean_for_cp)
    assert ("pass", "loses") == (found["replica-loss"].outcome, found["path-loss"].outcome)


def test_hosts_stand_in_for_silent_pods_at_the_cluster_ip() -> None:
    """The ClusterIP counts from pods, where they were heard."""
    observations = observe(cluster())
    for node in ("cp", "w1", "w2"):
        observations = silenced(observations, node, Network.POD)
    finding = judge(cluster(), observations)["service"]

    assert dict.fromkeys(map(service, ("cp", "w1", "w2")), "pass") == places(finding)
    assert any("(host)" in words(line) for line in finding.evidence)
    assert not any("(host)" in words(line) for line in after(well)["service"].evidence)


@pytest.mark.parametrize(
    "observations",
    [[], [Observation(check="dns", network=Network.POD, node="w1", state=State.BROKEN)]],
    ids=["none", "broken"],
)
def test_nothing_asked_is_unknown(observations: list[Observation]) -> None:
    """Never ok and never failed, but for what the snapshot itself shows."""
    found = judge(cluster(), observations)

    shown = ("external", "node-cache", "upstreams", "corefile", "replicas", "spread")
    assert dict.fromkeys(WELL, "") | {code: WELL[code] for code in shown} == outcomes(found)
    unknown = [finding for code, finding in found.items() if code not in shown]
    assert {Severity.UNKNOWN} == {finding.severity for finding in unknown}
    assert not any(finding.where for finding in unknown)


def test_no_ready_replica_has_failed() -> None:
    """There is a Service and nobody behind it."""
    empty = msgspec.structs.replace(cluster(), endpoint_slices=())
    found = judge(empty, observe(empty, lambda *a: dead(a[3])))

    assert ("none-ready", Severity.FAILED, ()) == (
        found["replica-local"].outcome,
        found["replica-local"].severity,
        found["replica-local"].seen,
    )
    assert ("unanswered", {ServicePath(n, "kube-system", "kube-dns") for n in ("cp", "w1", "w2")}) == (
        found["service"].outcome,
        set(found["service"].where),
    )


def test_an_unreadable_endpoint_slice_is_unknown() -> None:
    """With the verb that is missing."""
    gap = Gap(verb="list endpointslices.discovery.k8s.io", reason="forbidden")
    hidden = msgspec.structs.replace(cluster(), endpoint_slices=(), gaps=(gap,))
    found = judge(hidden, observe(hidden))

    for code in ("replica-local", "spread"):
        assert (Severity.UNKNOWN, ["cannot list endpointslices.discovery.k8s.io: forbidden"]) == (
            found[code].severity,
            list(map(words, found[code].evidence)),
        )


def test_one_node_has_no_remote_replica() -> None:
    """And its replicas need no spreading."""
    alone = cluster("cp", nodes=("cp",))
    found = judge(alone, observe(alone))

    assert WELL == outcomes(found)
    assert () == found["replica-remote"].seen


def test_replicas_on_one_node_are_degraded() -> None:
    """In a cluster that has more."""
    together = cluster("w1")
    finding = judge(together, observe(together))["spread"]

    assert ("together", Severity.DEGRADED, (Node("w1"),)) == (finding.outcome, finding.severity, finding.where)
    assert "The only ready CoreDNS replica is on w1: if it goes, DNS goes." == words(finding.text)


def stale(*replicas: str) -> Change:
    """These replicas give another address than the others."""

    def change(_node: str, _network: Network, target: Target, asked: Asked) -> Asked:
        return msgspec.structs.replace(asked, addresses=("10.96.0.99",)) if target.name in replicas else asked

    return change


def test_replicas_that_disagree_are_shown_side_by_side() -> None:
    """One name, two answers: of two replicas either may be wrong."""
    finding = after(stale("coredns-w2"))["answers"]

    assert {W1: "differ", W2: "differ"} == places(finding)
    assert ["coredns-w1: 10.96.0.1", "coredns-w2: 10.96.0.99"] == list(map(words, finding.evidence))


def test_the_replica_that_differs_from_most_is_named() -> None:
    """Of three replicas two are believed."""
    three = cluster("cp", "w1", "w2")
    finding = judge(three, observe(three, stale("coredns-w2")))["answers"]

    assert (W2,) == finding.where
    assert "CoreDNS replicas give 2 different answers for one name." == words(finding.text)


def test_the_replica_with_another_rcode_is_named() -> None:
    """A single wrong answer is enough, about what exists or what does not."""

    def change(node: str, _network: Network, target: Target, asked: Asked) -> Asked:
        if (node, target.name) != ("cp", "coredns-w2"):
            return asked
        return msgspec.structs.replace(asked, nx_rcodes={"NXDOMAIN": 5, "SERVFAIL": 1})

    found = after(change)
    assert {W1: "pass", W2: "wrong"} == places(found["answers"])
    assert "cp → coredns-w2: NOERROR 42; made-up names NXDOMAIN 5, SERVFAIL 1" == words(found["answers"].evidence[0])
    assert ("pass", "pass") == (found["replica-remote"].outcome, found["service"].outcome)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rcodes": {"NOERROR": 13, "SERVFAIL": 1}},
        {"nx_rcodes": {"NOERROR": 2}},
        {"addresses": ("10.96.0.99",)},
    ],
    ids=["rcode", "made-up name", "address"],
)
def test_a_cluster_ip_that_answers_otherwise_than_the_replicas(wrong: dict[str, object]) -> None:
    """Something else than CoreDNS answers there, for instance a stale cache on the node."""

    def change(node: str, _network: Network, target: Target, asked: Asked) -> Asked:
        return msgspec.structs.replace(asked, **wrong) if (node, target.name) == ("w1", SERVICE) else asked

    found = after(change)
    assert WELL | {"service": "wrong-answer"} == outcomes(found)
    assert {"service": {service("w1")}} == bad(found)


def test_an_external_name_degrades_and_never_fails() -> None:
    """A cluster without a way out is no broken cluster."""
    parameters = Parameters(external="example.org")

    def no_upstream(_node: str, _network: Network, target: Target, asked: Asked) -> Asked:
        return msgspec.structs.replace(asked, external="SERVFAIL" if target.name == "coredns-w2" else "NOERROR")

    finding = judge(cluster(), observe(cluster(), no_upstream, parameters), parameters)["external"]
    assert ("no-answer-here", Severity.DEGRADED) == (finding.outcome, finding.severity)
    assert {W1: "pass", W2: "no-answer-here"} == places(finding)
    assert "example.org is answered on 6 of 12 paths." == words(finding.text)
    none = judge(cluster(), observe(cluster(), _external("NXDOMAIN"), parameters), parameters)["external"]
    assert ("fails", Severity.DEGRADED) == (none.outcome, none.severity)


def _external(rcode: str) -> Change:
    return lambda _node, _network, _target, asked: msgspec.structs.replace(asked, external=rcode)


def test_one_replica_that_gets_no_answer_is_named() -> None:
    """Others get one from whom they ask: it is not the upstream."""
    snapshot = cluster(corefile=FORWARDING)

    def no_way_out(_node: str, _network: Network, target: Target, asked: Asked) -> Asked:
        return msgspec.structs.replace(asked, external="timeout" if target.name == "coredns-w2" else "NXDOMAIN")

    finding = judge(snapshot, observe(snapshot, no_way_out))["external"]
    assert {W1: "pass", W2: "no-answer-here"} == places(finding)
    assert "Names outside the cluster get no answer at coredns-w2, while other replicas get one." == words(finding.text)


@pytest.mark.parametrize(
    ("rcode", "outcome", "text"),
    [
        ("NXDOMAIN", "pass", "Names outside the cluster are answered by whom CoreDNS asks for them."),
        ("REFUSED", "pass", "Names outside the cluster are answered by whom CoreDNS asks for them."),
        ("SERVFAIL", "no-answer", "Whom CoreDNS asks for names outside the cluster does not answer it, on 12 of 12"),
        ("timeout", "no-answer", "Whom CoreDNS asks for names outside the cluster does not answer it, on 12 of 12"),
        ("", "not-asked", "No name outside the cluster was asked for"),
    ],
)
def test_whom_coredns_asks_is_asked_too(rcode: str, outcome: str, text: str) -> None:
    """For a name that nobody has: that it does not exist is an answer. An old recording does not tell."""
    snapshot = cluster(corefile=FORWARDING)
    finding = judge(snapshot, observe(snapshot, _external(rcode)))["external"]
    assert (outcome, True) == (finding.outcome, words(finding.text).startswith(text))


def test_a_dead_path_does_not_accuse_the_upstream() -> None:
    """Who hears nothing of a replica does not hear its upstream either; who hears it does."""
    parameters = Parameters(external="example.org")

    def change(node: str, network: Network, target: Target, asked: Asked) -> Asked:
        external = "timeout" if crosses(node, target, "w2") else "NOERROR"
        return msgspec.structs.replace(tunnel_dead(node, network, target, asked), external=external)

    assert {W1: "pass", W2: "pass"} == places(judge(cluster(), observe(cluster(), change), parameters)["external"])
    everywhere = observe(cluster(), lambda *a: msgspec.structs.replace(dead(a[3]), external="timeout"), parameters)
    finding = judge(cluster(), everywhere, parameters)["external"]
    assert (Severity.UNKNOWN, {W1: UNSEEN, W2: UNSEEN}) == (finding.severity, places(finding))


def test_the_services_own_name_is_the_places() -> None:
    """Where a distribution calls it otherwise, so does the finding."""
    snapshot = cluster()
    named = msgspec.structs.replace(snapshot.services[0].metadata, name="rke2-coredns")
    labels = {"kubernetes.io/service-name": "rke2-coredns"}
    renamed = msgspec.structs.replace(
        snapshot,
        services=(msgspec.structs.replace(snapshot.services[0], metadata=named),),
        endpoint_slices=tuple(_labelled(s, labels) for s in snapshot.endpoint_slices),
    )
    assert {"kube-system/rke2-coredns"} == {
        str(seen.place).partition(" → ")[2] for seen in judge(renamed, observe(renamed))["service"].seen
    }


def _labelled(slices: EndpointSlice, labels: dict[str, str]) -> EndpointSlice:
    return msgspec.structs.replace(slices, metadata=msgspec.structs.replace(slices.metadata, labels=labels))
