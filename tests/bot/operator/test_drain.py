"""Which pods have to go, and what a refused eviction means: the tables that were measured, row by row."""

from typing import Any

import msgspec
import pytest

from bot.operator.cluster.drain import (
    MIRROR,
    Judgement,
    Question,
    Reason,
    Skip,
    Skipped,
    Steadiness,
    Verdict,
    Word,
    divide,
    judge,
    stuck,
)
from bot.operator.cluster.objects import (
    Budget,
    BudgetSpec,
    BudgetStatus,
    EmptyDir,
    Metadata,
    Owner,
    Pod,
    PodSpec,
    PodStatus,
    Requirement,
    Selector,
    Volume,
)
from checks.cluster.snapshot import Condition

REPLICA_SET = Owner(kind="ReplicaSet", name="app-1", controller=True)
APP = {"app": "app"}
READY = Condition(type="Ready", status="True")
HOMELESS = Condition(type="PodScheduled", status="False", reason="Unschedulable")


def pod(
    name: str, *conditions: Condition, owner: Owner | None = REPLICA_SET, phase: str = "Running", **metadata: Any
) -> Pod:
    """A pod of the app."""
    owners = (owner,) if owner else ()
    return Pod(
        metadata=Metadata(
            name=name, namespace="shop", uid=f"uid-{name}", labels=APP, owner_references=owners, **metadata
        ),
        status=PodStatus(phase=phase, conditions=conditions),
    )


def budget(name: str = "budget", policy: str = "IfHealthyBudget", **status: Any) -> Budget:
    """A budget for the app that allows nothing."""
    spec = BudgetSpec(selector=Selector(match_labels=APP), unhealthy_pod_eviction_policy=policy)
    counted: dict[str, Any] = {"observed_generation": 1, "current_healthy": 1, "desired_healthy": 1, "expected_pods": 2}
    return Budget(
        metadata=Metadata(name=name, namespace="shop", generation=1),
        spec=spec,
        status=BudgetStatus(**(counted | status)),
    )


def test_every_pod_of_a_node_has_its_place() -> None:
    """What a controller makes anew elsewhere goes; what would come back stays; what would be lost is asked about."""
    daemon = pod("daemon", owner=Owner(kind="DaemonSet", name="agent", controller=True))
    mirror = pod("static", owner=None, annotations={MIRROR: "1"})
    done = pod("job", phase="Succeeded")
    bare = pod("bare", owner=Owner(kind="ReplicaSet", name="was"))
    scratch = Pod(metadata=pod("scratch").metadata, spec=PodSpec(volumes=(Volume(name="tmp", empty_dir=EmptyDir()),)))
    leaving = pod("leaving", deletion_timestamp="2026-01-01T00:00:00Z")
    app = pod("app")

    found = divide([daemon, mirror, done, bare, scratch, leaving, app])

    assert ((app,), (leaving,)) == (found.evict, found.leaving)
    assert (
        Skipped("shop/daemon", Skip.DAEMON_SET),
        Skipped("shop/static", Skip.MIRROR),
        Skipped("shop/job", Skip.FINISHED),
    ) == found.skipped
    assert (
        Question("shop/bare", (Word.UNMANAGED,)),
        Question("shop/scratch", (Word.EMPTY_DIR,)),
    ) == found.questions


def test_a_word_is_good_for_what_it_was_given_for() -> None:
    """Who allows that data is lost has not allowed that a pod does not come back."""
    volumes = (Volume(name="tmp", empty_dir=EmptyDir()),)
    both = Pod(metadata=pod("both", owner=None).metadata, spec=PodSpec(volumes=volumes))

    assert (Question("shop/both", (Word.UNMANAGED,)),) == divide([both], frozenset({Word.EMPTY_DIR})).questions
    assert (both,) == divide([both], frozenset(Word)).evict


@pytest.mark.parametrize("component", ["worker", "operator", "redis"])
def test_netchecks_own_pods_ask_no_questions(component: str) -> None:
    """Its roles lose nothing with their scratch. Its Redis stays: it ends with the node and starts again with it."""
    labels = {"app.kubernetes.io/name": "netcheck", "app.kubernetes.io/component": component}
    metadata = msgspec.structs.replace(pod("netcheck").metadata, labels=labels)
    found = divide([Pod(metadata=metadata, spec=PodSpec(volumes=(Volume(name="tmp", empty_dir=EmptyDir()),)))])

    stays = (Skipped("shop/netcheck", Skip.QUEUE),) if component == "redis" else ()
    assert ((), stays, not stays) == (found.questions, found.skipped, bool(found.evict))


VICTIM, OTHER = pod("victim", READY), pod("other", READY)
SICK, STARTING, PENDING = pod("sick"), pod("starting"), pod("pending", HOMELESS)
ROWS: dict[str, tuple[Pod, Budget, list[Pod], Verdict, Reason, tuple[str, ...]]] = {
    "as many wanted as there are": (
        VICTIM, budget(expected_pods=1), [VICTIM], Verdict.NEVER, Reason.NO_ROOM, ("shop/victim",),
    ),
    "none may be missing": (
        VICTIM, budget(current_healthy=2, desired_healthy=2), [VICTIM, OTHER],
        Verdict.NEVER, Reason.NO_ROOM, ("shop/other", "shop/victim"),
    ),
    "a bare pod under maxUnavailable": (
        VICTIM, budget(desired_healthy=0, expected_pods=0), [VICTIM], Verdict.NEVER, Reason.NO_ROOM, ("shop/victim",),
    ),
    "the replacement fits no other node": (
        VICTIM, budget(), [VICTIM, PENDING], Verdict.NEVER, Reason.NO_OTHER_NODE, ("shop/pending",),
    ),
    "the replacement starts": (
        VICTIM, budget(), [VICTIM, STARTING], Verdict.SLOW, Reason.STARTING, ("shop/starting",),
    ),
    "the pod itself is not ready": (
        SICK, budget(current_healthy=0), [SICK, STARTING], Verdict.NEVER, Reason.NOT_READY, ("shop/sick",),
    ),
    "the pod itself is not ready, which its budget does not mind": (
        SICK, budget(policy="AlwaysAllow", current_healthy=0), [SICK, STARTING],
        Verdict.SLOW, Reason.STARTING, ("shop/sick", "shop/starting"),
    ),
    "an eviction was granted that did not happen": (
        VICTIM, budget(disrupted_pods={"other": "2026-01-01T00:00:00Z"}), [VICTIM, OTHER],
        Verdict.SLOW, Reason.JUST_GRANTED, ("shop/other",),
    ),
    "nobody has counted yet": (
        VICTIM, budget(observed_generation=0, expected_pods=0, desired_healthy=0), [VICTIM],
        Verdict.SLOW, Reason.JUST_COUNTED, (),
    ),
    "counted again meanwhile": (
        VICTIM, budget(disruptions_allowed=1, current_healthy=2), [VICTIM, OTHER],
        Verdict.SLOW, Reason.JUST_COUNTED, (),
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_a_refusal_is_told_by_its_budget(row: str) -> None:
    """Each row of the table: slow or never, why, the budget's name and the pods that it hangs on."""
    evicted, guard, pods, verdict, reason, hangs_on = ROWS[row]

    assert Judgement(verdict, reason, ("shop/budget",), hangs_on) == judge(evicted, [guard], pods)


def test_two_budgets_never_agree() -> None:
    """The API evicts no pod with two budgets; both are named."""
    found = judge(VICTIM, [budget("b"), budget("a")], [VICTIM])

    assert Judgement(Verdict.NEVER, Reason.SEVERAL_BUDGETS, ("shop/a", "shop/b"), ("shop/victim",)) == found


def test_without_a_budget_the_server_is_busy() -> None:
    """A refusal that no budget explains passes; another namespace's budget explains nothing."""
    elsewhere = Budget(metadata=Metadata(name="budget", namespace="other"), spec=BudgetSpec(selector=Selector()))

    assert Judgement(Verdict.SLOW, Reason.BUSY) == judge(VICTIM, [elsewhere], [VICTIM])


@pytest.mark.parametrize(
    ("selector", "guarded"),
    [
        (None, False),
        (Selector(), True),
        (Selector(match_labels={"app": "app"}), True),
        (Selector(match_labels={"app": "app", "tier": "web"}), False),
        (Selector(match_expressions=(Requirement(key="app", operator="In", values=("app", "b")),)), True),
        (Selector(match_expressions=(Requirement(key="app", operator="NotIn", values=("app",)),)), False),
        (Selector(match_expressions=(Requirement(key="tier", operator="NotIn", values=("web",)),)), True),
        (Selector(match_expressions=(Requirement(key="app", operator="Exists"),)), True),
        (Selector(match_expressions=(Requirement(key="app", operator="DoesNotExist"),)), False),
    ],
)
def test_a_budget_guards_what_it_selects(selector: Selector | None, guarded: bool) -> None:  # noqa: FBT001 - a table
    """Selectors mean what they mean to Kubernetes; none selects nothing, an empty one everything."""
    guard = Budget(metadata=Metadata(namespace="shop"), spec=BudgetSpec(selector=selector))

    assert guarded == guard.guards(VICTIM)


def test_never_is_believed_once_it_has_lasted() -> None:
    """While pods end, numbers change: a "never" counts after ten seconds without a change, a "slow" at no time."""
    steadiness = Steadiness()
    never = Judgement(Verdict.NEVER, Reason.NO_ROOM, ("shop/budget",), ("shop/victim",))
    changed = Judgement(Verdict.NEVER, Reason.NO_ROOM, ("shop/budget",), ("shop/other", "shop/victim"))
    slow = Judgement(Verdict.SLOW, Reason.STARTING)

    believed = [
        steadiness.settled("uid", judgement, now)
        for now, judgement in [(0.0, changed), (5.0, never), (14.0, never), (15.0, never), (16.0, slow), (99.0, slow)]
    ]

    assert [False, False, False, True, False, False] == believed


def test_a_pod_is_stuck_half_a_minute_after_its_time() -> None:
    """The time of deletion has the grace in it already."""
    leaving = pod("leaving", deletion_timestamp="2026-01-01T00:00:00Z")
    should_be_gone = 1767225600.0

    assert [False, True, False] == [
        stuck(leaving, should_be_gone + 30),
        stuck(leaving, should_be_gone + 31),
        stuck(VICTIM, should_be_gone + 31),
    ]
