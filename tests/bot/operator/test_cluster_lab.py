"""What the operator changes on a real cluster, with the rights that its account has and no others."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.operator.cluster import eviction, metallb, nodes, workloads
from bot.operator.cluster.api import Api
from bot.operator.cluster.drain import Reason, Verdict, Word
from bot.operator.cluster.errors import Conflict, Invalid, NoAnswer, NotAllowed, NotThere
from bot.operator.cluster.eviction import Attempt, Blocked, Drained, NeedsWord, Progress
from bot.operator.cluster.nodes import Cordon
from bot.operator.cluster.objects import Metadata, Pod
from bot.operator.cluster.rights import RIGHTS
from bot.operator.cluster.workloads import Kind, Presence, Workload
from tests.bot.operator.cluster_objects import Manifest, bare_pod, budget, pod_spec, workload
from tests.lab import power
from tests.lab.fixtures import Cluster, lab
from tests.lab.layout import node as lab_node
from tests.lab.process import pid
from tests.waiting import until

__all__ = ["lab"]
pytestmark = [pytest.mark.lab, pytest.mark.timeout(180, func_only=True)]

NAMESPACE = "operator-tests"
ACCOUNT = f"system:serviceaccount:{NAMESPACE}:operator"
W1, W2 = "w1", "w2"
Make = Callable[..., None]


def apply(lab: Cluster, *objects: Manifest) -> None:
    """Apply objects, those without a namespace of their own in the tests'."""
    document = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    done = lab.kubectl("-n", NAMESPACE, "apply", "-f", "-", stdin=json.dumps(document))
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def kubeconfig(lab: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Of a service account in a namespace of its own that has the operator's rights."""
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": NAMESPACE}
    subject = {"kind": "ServiceAccount", "name": "operator", "namespace": NAMESPACE}
    apply(
        lab,
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "operator", "namespace": NAMESPACE}},
        {**_RBAC, "kind": "ClusterRole", "metadata": {"name": NAMESPACE}, "rules": [each.rule for each in RIGHTS]},
        {
            **_RBAC,
            "kind": "ClusterRoleBinding",
            "metadata": {"name": NAMESPACE},
            "roleRef": role,
            "subjects": [subject],
        },
    )
    config = yaml.safe_load(lab.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": lab.read("-n", NAMESPACE, "create", "token", "operator").strip()}
    path = tmp_path_factory.mktemp("operator") / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    yield path
    for node in (W1, W2):
        lab.read("uncordon", node)
    lab.read("delete", f"clusterrole/{NAMESPACE}", f"clusterrolebinding/{NAMESPACE}", f"namespace/{NAMESPACE}")


_RBAC = {"apiVersion": "rbac.authorization.k8s.io/v1"}


@pytest.fixture
def api(kubeconfig: Path) -> Api:
    """The API server, as the operator sees it."""
    return Api.connect(kubeconfig=str(kubeconfig))


@pytest.fixture
def make(lab: Cluster, api: Api) -> Iterator[Make]:
    """Apply objects and wait until so many pods run and their budgets are counted; all are gone afterwards."""

    def apply_and_wait(*objects: Manifest, running: int) -> None:
        apply(lab, *objects)
        until(lambda: sum(each.status.phase == "Running" for each in pods(api)) == running)
        until(lambda: _counted(lab))

    yield apply_and_wait
    lab.read("uncordon", W2)
    kinds = "deployments,statefulsets,pods,poddisruptionbudgets"
    lab.read("-n", NAMESPACE, "delete", kinds, "--all", "--grace-period=1")


def _counted(lab: Cluster) -> bool:
    budgets = json.loads(lab.read("-n", NAMESPACE, "get", "poddisruptionbudgets", "-o", "json"))["items"]
    return all(each.get("status", {}).get("observedGeneration") == each["metadata"]["generation"] for each in budgets)


def pods(api: Api, app: str = "") -> list[Pod]:
    """The tests' own pods that nobody deletes, of one app or all, ready ones first."""
    found = api.list(f"/api/v1/namespaces/{NAMESPACE}/pods", Pod)
    own = [each for each in found if not each.terminating and app in ("", each.metadata.labels.get("app"))]
    return sorted(own, key=lambda each: not each.ready)


def only(api: Api, app: str) -> Pod:
    """The first pod of an app."""
    return pods(api, app)[0]


def ready(api: Api, app: str, count: int) -> None:
    """Wait until so many pods of an app are ready."""
    until(lambda: sum(each.ready for each in pods(api, app)) == count)


def refused(api: Api, pod: Pod) -> tuple[Verdict, Reason, tuple[str, ...]]:
    """What it means that the pod may not be evicted, which is tried."""
    assert Attempt.REFUSED is eviction.evict(api, pod)
    (refusal,) = eviction.refusals(api, [pod])
    return refusal.judgement.verdict, refusal.judgement.reason, refusal.judgement.budgets


def test_budgets_that_never_give_way(api: Api, make: Make) -> None:
    """As many wanted as there are, none to be missed, a bare pod, two budgets, and a pod that is not ready itself."""
    make(
        workload("block", pod_spec(W2)),
        budget("block", minAvailable=1),
        workload("max0", pod_spec(W2)),
        budget("max0", maxUnavailable=0),
        bare_pod("bare", pod_spec(W2)),
        budget("bare", maxUnavailable=1),
        workload("two", pod_spec(W2)),
        budget("two", minAvailable=0),
        budget("again", "two", minAvailable=0),
        workload("sick", pod_spec(W2, ready=False), replicas=2),
        budget("sick", minAvailable=1),
        running=6,
    )
    for app in ("block", "max0", "bare", "two"):
        ready(api, app, 1)
    until(lambda: Attempt.REFUSED is eviction.evict(api, only(api, "block"), dry_run=True))

    assert {
        "block": (Verdict.NEVER, Reason.NO_ROOM, (f"{NAMESPACE}/block",)),
        "max0": (Verdict.NEVER, Reason.NO_ROOM, (f"{NAMESPACE}/max0",)),
        "bare": (Verdict.NEVER, Reason.NO_ROOM, (f"{NAMESPACE}/bare",)),
        "two": (Verdict.NEVER, Reason.SEVERAL_BUDGETS, (f"{NAMESPACE}/again", f"{NAMESPACE}/two")),
        "sick": (Verdict.NEVER, Reason.NOT_READY, (f"{NAMESPACE}/sick",)),
    } == {app: refused(api, only(api, app)) for app in ("block", "max0", "bare", "two", "sick")}


def test_a_pod_that_is_not_ready_may_always_go(api: Api, make: Make) -> None:
    """Where its budget says so, it is evicted at once, and again while it leaves."""
    make(
        workload("sick", pod_spec(W2, ready=False), replicas=2),
        budget("sick", minAvailable=1, unhealthyPodEvictionPolicy="AlwaysAllow"),
        running=2,
    )
    pod = only(api, "sick")

    assert [Attempt.GRANTED, Attempt.GRANTED] == [eviction.evict(api, pod), eviction.evict(api, pod)]
    until(lambda: Attempt.GONE is eviction.evict(api, pod))


def test_a_budget_waits_for_the_replacement(api: Api, make: Make) -> None:
    """Slow while the replacement starts; never while the node is cordoned and the replacement fits no other."""
    make(workload("pinned", pod_spec(W2), replicas=2), budget("pinned", minAvailable=1), running=2)
    ready(api, "pinned", 2)
    first, second = pods(api, "pinned")
    until(lambda: Attempt.GRANTED is eviction.evict(api, first, dry_run=True))

    assert Attempt.GRANTED is eviction.evict(api, first)
    assert (Verdict.SLOW, Reason.STARTING) == refused(api, second)[:2]
    until(lambda: Attempt.GRANTED is eviction.evict(api, second))

    ready(api, "pinned", 2)
    nodes.cordon(api, W2, "x1")
    first, second = pods(api, "pinned")
    until(lambda: Attempt.GRANTED is eviction.evict(api, first))
    until(lambda: refused(api, second)[:2] == (Verdict.NEVER, Reason.NO_OTHER_NODE))


def test_a_uid_that_is_no_longer_true_costs_the_budget(api: Api, make: Make) -> None:
    """The eviction of another pod of the same name does nothing but spend the budget, which the judgement knows."""
    make(workload("ok", pod_spec(W2), replicas=2), budget("ok", minAvailable=1), running=2)
    ready(api, "ok", 2)
    first, second = pods(api, "ok")
    until(lambda: Attempt.GRANTED is eviction.evict(api, first, dry_run=True))
    stale = Pod(metadata=Metadata(name=first.metadata.name, namespace=NAMESPACE, uid="00000000-0000-0000"))

    assert Attempt.GONE is eviction.evict(api, stale)
    assert (Verdict.SLOW, Reason.JUST_GRANTED) == refused(api, second)[:2]


def test_a_cordon_is_lifted_by_who_made_it(api: Api, lab: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Done twice it is the same; another execution's stays, and a person's too; who is slower looks again."""
    assert [Cordon.OURS, Cordon.OURS] == [nodes.cordon(api, W2, "x1") for _ in range(2)]
    assert [Cordon.ANOTHERS, Cordon.ANOTHERS] == [nodes.cordon(api, W2, "x2"), nodes.uncordon(api, W2, "x2")]
    assert nodes.look(api, W2).spec.unschedulable
    assert [Cordon.NONE, Cordon.NONE] == [nodes.uncordon(api, W2, "x1") for _ in range(2)]
    assert nodes.CORDONED_BY not in nodes.look(api, W2).metadata.annotations

    lab.read("cordon", W2)
    assert [Cordon.ANOTHERS, Cordon.ANOTHERS] == [nodes.cordon(api, W2, "x1"), nodes.uncordon(api, W2, "x1")]
    lab.read("uncordon", W2)

    looks: list[str] = []

    def look_and_lose(api: Api, name: str) -> Any:
        found = seen(api, name)
        looks.append(name)
        if len(looks) == 1:
            lab.read("annotate", "node", name, "netcheck.dev/test=1", "--overwrite")
        return found

    seen = nodes.look
    monkeypatch.setattr(nodes, "look", look_and_lose)
    assert (Cordon.OURS, [W2, W2]) == (nodes.cordon(api, W2, "x1"), looks)
    assert Cordon.NONE is nodes.uncordon(api, W2, "x1")
    lab.read("annotate", "node", W2, "netcheck.dev/test-")


def test_what_speaks_against_a_node(api: Api, lab: Cluster) -> None:
    """A worker may go while all others are there; the only control plane at a person's word; etcd has to answer."""
    assert [] == nodes.preflight(api, W2)
    assert [("only-control-plane", True)] == [(each.code, each.consent) for each in nodes.preflight(api, "cp")]
    lab.read("cordon", W1)
    assert ["cordoned", "last-node"] == [each.code for each in nodes.preflight(api, W2)]
    lab.read("uncordon", W1)
    with pytest.raises(NotThere, match="no node w9"):
        nodes.preflight(api, "w9")

    os.kill(pid("etcd"), signal.SIGSTOP)
    try:
        # The API server asks etcd at most every other second.
        until(lambda: "etcd" in nodes.etcd_failures(api))
    finally:
        os.kill(pid("etcd"), signal.SIGCONT)
    until(lambda: nodes.etcd_failures(api) == [])


def test_a_drain_is_held_up_by_a_budget_and_ends_without_it(api: Api, lab: Cluster, make: Make) -> None:
    """It asks about what is lost; a budget that blocks is named at once; without it, a StatefulSet's pod moves too."""
    make(
        workload("scratch", pod_spec(W2, scratch=True)),
        workload("block", pod_spec(W2)),
        budget("block", minAvailable=1),
        workload("st", pod_spec(), kind="StatefulSet"),
        running=3,
    )
    told: list[Progress] = []
    allowed = frozenset({Word.EMPTY_DIR})

    asked = eviction.drain(api, W2, "x1", 60, told.append)
    assert isinstance(asked, NeedsWord)
    assert (Word.EMPTY_DIR,) == {each.pod: each.words for each in asked.questions}[only(api, "scratch").name]
    assert (Cordon.NONE, []) == (nodes.cordon_of(nodes.look(api, W2), "x1"), told)

    lab.read("cordon", W1)
    lab.read("-n", NAMESPACE, "delete", "pod", "st-0", "--grace-period=1")
    lab.read("uncordon", W1)
    until(lambda: [each.spec.node_name for each in pods(api, "st") if each.ready] == [W2])
    before = only(api, "st").metadata.uid
    block = only(api, "block").name

    assert [block] == [each.pod for each in eviction.preview(api, W2, allowed)]

    blocked = eviction.drain(api, W2, "x1", 60, told.append, allowed=allowed)
    assert isinstance(blocked, Blocked)
    assert [(block, Verdict.NEVER, (f"{NAMESPACE}/block",))] == [
        (each.pod, each.judgement.verdict, each.judgement.budgets) for each in blocked.refused
    ]
    assert block in {each.pod for each in told[0].refused}
    assert Cordon.OURS is nodes.cordon_of(nodes.look(api, W2), "x1")

    lab.read("-n", NAMESPACE, "delete", "poddisruptionbudget", "block")
    assert isinstance(eviction.drain(api, W2, "x1", 60, told.append, allowed=allowed), Drained)
    left = eviction.look(api, W2)
    assert ((), (), ()) == (left.evict, left.leaving, left.questions)
    (moved,) = pods(api, "st")
    assert ("st-0", W1, True) == (moved.metadata.name, moved.spec.node_name, moved.metadata.uid != before)
    assert Cordon.NONE is nodes.uncordon(api, W2, "x1")
    lab.read("-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=60s")


def test_a_node_is_back_when_its_pods_were_started_again(api: Api) -> None:
    """After a short time without power nothing shows at first; then kubelet is heard and every container is new."""
    before = nodes.life(api, W2)
    power.power_off(lab_node(W2))
    off = nodes.returned(before, nodes.life(api, W2))
    assert (True, False) == (off.ready, off.complete)

    power.power_on(lab_node(W2))
    assert nodes.returned(before, nodes.life(api, W2)).complete


def test_a_workload_is_restarted_once_an_operation(api: Api, make: Make) -> None:
    """The second time nothing happens; its new pods are waited for; one pod is deleted by its uid alone."""
    make(workload("app", pod_spec()), running=1)
    app = Workload(Kind.DEPLOYMENT, NAMESPACE, "app")
    before = only(api, "app").metadata
    until(lambda: workloads.look(api, app).complete)

    assert [True, False] == [workloads.restart(api, app, "op-1") for _ in range(2)]
    until(lambda: workloads.look(api, app).complete)
    after = only(api, "app").metadata
    assert ("op-1", True) == (workloads.look(api, app).operation, before.uid != after.uid)

    assert Presence.GONE is workloads.delete_pod(api, NAMESPACE, after.name, before.uid)
    assert Presence.THERE is workloads.look_for_pod(api, NAMESPACE, after.name, after.uid)
    assert Presence.LEAVING is workloads.delete_pod(api, NAMESPACE, after.name, after.uid)
    until(lambda: workloads.look_for_pod(api, NAMESPACE, after.name, after.uid) is Presence.GONE)
    # The test before may have switched a node off and on.
    until(lambda: workloads.look(api, Workload(Kind.DAEMON_SET, "metallb-system", "speaker")).complete, 60)
    with pytest.raises(NotThere):
        workloads.restart(api, Workload(Kind.DEPLOYMENT, NAMESPACE, "none"), "op-1")


@pytest.fixture
def pool(lab: Cluster) -> Iterator[metallb.Pool]:
    """A pool that is gone afterwards."""
    yield metallb.Pool("operator-tests", ("192.0.2.10-192.0.2.20",))
    lab.read("-n", "metallb-system", "delete", "--ignore-not-found", *_POOL_OBJECTS)


_POOL_OBJECTS = ("ipaddresspool/operator-tests", "l2advertisement/operator-tests")


def test_a_pool_is_rehearsed_and_applied(api: Api, lab: Cluster, pool: metallb.Pool) -> None:
    """A rehearsal keeps nothing; applied twice it is the same; what is wrong is said in the webhook's own words."""
    metallb.rehearse(api, pool)
    assert metallb.State.ABSENT is metallb.look(api, pool).pool

    assert [True, True] == [metallb.apply(api, pool).complete for _ in range(2)]
    other = metallb.Pool(pool.name, ("192.0.2.30-192.0.2.40",))
    assert metallb.State.OTHER is metallb.look(api, other).pool

    with pytest.raises(Invalid, match=r"denied the request.*192.0.2.20-192.0.2.10"):
        metallb.rehearse(api, metallb.Pool("backwards", ("192.0.2.20-192.0.2.10",)))
    patch = json.dumps({"spec": {"addresses": ["192.0.2.50-192.0.2.60"]}})
    lab.read("-n", "metallb-system", "patch", _POOL_OBJECTS[0], "--type=merge", "-p", patch)
    with pytest.raises(Conflict, match="kubectl-patch"):
        metallb.rehearse(api, pool)


@pytest.mark.parametrize("right", [("patch", "nodes", "status"), ("create", "pods", "exec"), ("update", "nodes", "")])
def test_the_account_may_no_more_than_that(lab: Cluster, api: Api, right: tuple[str, str, str]) -> None:
    """What is not in the table is refused."""
    assert api
    verb, resource, subresource = right
    more = [f"--subresource={subresource}"] if subresource else []
    assert "no" == lab.kubectl("auth", "can-i", verb, resource, *more, f"--as={ACCOUNT}", "-A").stdout.strip()


def test_a_right_that_is_missing_is_named(api: Api) -> None:
    """The error has the API server's own words, which name verb and resource, and says what to do."""
    with pytest.raises(NotAllowed, match='cannot list resource "secrets"') as refusal:
        api.list("/api/v1/secrets", Pod)
    assert "as its chart does" in refusal.value.hint


def test_nobody_answers(tmp_path: Path, kubeconfig: Path) -> None:
    """Without an API server nothing is known to have been done."""
    config = yaml.safe_load(kubeconfig.read_text())
    config["clusters"][0]["cluster"] = {"server": "http://127.0.0.1:1"}
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    with pytest.raises(NoAnswer, match="did not answer"):
        nodes.look(Api.connect(kubeconfig=str(path)), W2)
