"""Judge the replicas as their pods tell of themselves: ready, crashing, never made. Pure."""

import itertools
from collections.abc import Container

from checks.cluster.dns import server_pods, workload
from checks.cluster.snapshot import Pod, Snapshot
from checks.code import OFTEN, Code, Outcome, Role
from checks.dns.model import Data, Parameters
from checks.finding import Finding, Seen, Severity
from checks.gathered import Gathered
from checks.place import Replica
from checks.text import Text, Unit, listed, say, say_many, shortened

REPLICAS = Code(
    name="dns.replicas",
    meaning="The pods of CoreDNS run and are ready, as their kubelets say",
    place=Replica,
    outcomes=(
        Outcome("pass", Severity.OK, "it is ready"),
        Outcome("none", Severity.DEGRADED, "there is no pod at all"),
        Outcome("node-not-ready", Severity.DEGRADED, "its node is not ready, so that nobody knows how it is"),
        Outcome("not-ready", Severity.DEGRADED, "it runs, and is not ready"),
        Outcome("not-running", Severity.DEGRADED, "it waits for a node, an image or a network"),
        Outcome("crashing", Severity.DEGRADED, "it ended, and is started again and again"),
    ),
    # A pod that is replaced is not ready for a while.
    role=Role.RISK,
    leak=OFTEN,
    measures={"restarts": Unit.COUNT},
)
READ = ("pods", "deployments", "daemonsets")


def judge_replicas(gathered: Gathered[Parameters, Data]) -> Finding:
    """Every pod by itself. Restarts of long ago are counted and prove nothing."""
    pods, gaps = server_pods(gathered.snapshot), gathered.gaps(READ)
    if not pods:
        if gaps or workload(gathered.snapshot) is None:
            return REPLICAS.unseen(say("CoreDNS's pods were not found."), gaps)
        return REPLICAS.found(say("CoreDNS has no pod."), outcome="none", evidence=_wanted(gathered.snapshot))
    lost = gathered.snapshot.lost_nodes
    states = [(p, _state(p, lost)) for p in pods]
    seen = [Seen(Replica(p.metadata.name, p.spec.node_name), state, {"restarts": _restarts(p)}) for p, state in states]
    bad = [s.place for s in seen if s.outcome != "pass"]
    text = say_many("{count} CoreDNS pod is ready.", "All {count} CoreDNS pods are ready.", len(pods))
    if bad:
        text = say(
            "{bad} of {total} CoreDNS pods are not ready: {pods}.", bad=len(bad), total=len(pods), pods=listed(bad)
        )
        if any(s.outcome == "crashing" for s in seen):
            crashing = listed(s.place for s in seen if s.outcome == "crashing")
            text = say("CoreDNS crashes and is started again and again: {pods}.", pods=crashing)
    return REPLICAS.found(text, seen, evidence=[*shortened(itertools.starmap(_line, states)), *gaps])


def _state(pod: Pod, lost: Container[str]) -> str:
    if pod.ready:
        return "pass"
    if pod.spec.node_name in lost:
        return "node-not-ready"
    states = [status.state for status in pod.status.container_statuses or ()]
    # Between two tries the container is waiting, or has just ended with an error.
    if any(
        (s.waiting and s.waiting.reason == "CrashLoopBackOff") or (s.terminated and s.terminated.exit_code)
        for s in states
    ):
        return "crashing"
    if any(s.waiting for s in states) or pod.status.phase == "Pending":
        return "not-running"
    # Just started once more after an error: it is not given the time to be ready.
    return "crashing" if _ended_badly(pod) else "not-ready"


def _ended_badly(pod: Pod) -> bool:
    ended = (status.last_state.terminated for status in pod.status.container_statuses or ())
    return any(each is not None and each.exit_code != 0 for each in ended)


def _restarts(pod: Pod) -> int:
    return sum(status.restart_count for status in pod.status.container_statuses or ())


def _line(pod: Pod, state: str) -> Text:
    ended = [
        f"{status.last_state.terminated.reason} ({status.last_state.terminated.exit_code})"
        for status in pod.status.container_statuses or ()
        if status.last_state.terminated
    ]
    return say(
        "{pod} on {node}: {state}, {restarts} restarts, ended the last time with {ended}",
        pod=pod.metadata.name,
        node=pod.spec.node_name or "-",
        state=state,
        restarts=_restarts(pod),
        ended=", ".join(ended) or "-",
    )


def _wanted(snapshot: Snapshot) -> list[Text]:
    made_by = workload(snapshot)
    if made_by is None:
        return []
    return [
        say(
            "{kind} {namespace}/{name} makes none",
            kind=made_by.kind,
            namespace=made_by.metadata.namespace,
            name=made_by.metadata.name,
        )
    ]
