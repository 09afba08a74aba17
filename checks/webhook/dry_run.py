"""What the dry run says about the way from the API server to the webhook. Pure."""

from collections.abc import Sequence

from checks.cluster.snapshot import Snapshot
from checks.code import NOW_AND_THEN, Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.observation import Answer, Network
from checks.place import ServicePath
from checks.reading.read import Reading, read_answer
from checks.reading.webhook import FAILURES
from checks.text import Text, Unit, names, say, seconds
from checks.webhook.absence import LOST, Observed, absent, metallb_is_used, unreadable, unused
from checks.webhook.hooks import Hook, of_pools, path_to, services
from checks.webhook.plan import DRY_RUN_AT_MOST_S
from checks.webhook.shown import Looked

DRY_RUN = Code(
    name="webhook.dry-run",
    meaning="A dry-run create through the API server, which calls the webhook as a real one would",
    place=ServicePath,
    outcomes=(
        Outcome("pass", Severity.OK, "the webhook agreed"),
        Outcome(
            "pass-local",
            Severity.OK,
            "it agreed from a control-plane node, which proves nothing about the way between nodes",
        ),
        Outcome("not-used", Severity.OK, "MetalLB is not in the cluster"),
        Outcome("denied", Severity.OK, "it answered, and refused the object"),
        Outcome("slow", Severity.ADVICE, "it agreed after a second or more"),
        *FAILURES,
    ),
    leak=NOW_AND_THEN,
    measures={"elapsed_s": Unit.SECONDS},
    essential=True,
)
NO_METALLB = say("The cluster does not use MetalLB, whose pools dry runs are made of.")
SLOW_S = 1.0
"""A dry run takes some 20 ms (measured); Linux sends a lost SYN again after 1 s."""
FAILED_OPEN = 0.9
"""A dry run that passed after this share of `timeoutSeconds` waited for a webhook that never answered."""
NOT_ASKED = {
    "rbac": say("The permission is missing to create ipaddresspools.metallb.io as a dry run."),
    "policy": say("An admission policy of the cluster refused the dry run before the webhook was asked."),
    "dry-run-unsupported": say("The webhook declares side effects, so the API server refuses dry runs."),
}
"""Phrases after which nothing is known about the webhook."""


def judge_dry_run(looked: Looked) -> Finding:
    """What the API server answered decides, and how long it took."""
    gathered, hooks = looked.gathered, of_pools(looked.hooks)
    if not hooks:
        return _of_none(gathered)
    paths = [path_to(gathered.snapshot, looked.resolver, service) for service in services(hooks)]
    answer = next((h.data.answer for h in gathered.on(Network.CLUSTER) if h.data.answer), None)
    if answer is None:
        return DRY_RUN.unseen(say("The dry run was not made."), gathered.unheard(Network.CLUSTER), paths)
    if 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's successes
        return _passed(gathered.snapshot, hooks, paths, answer)
    return _not_passed(hooks, paths, answer)


def _of_none(gathered: Observed) -> Finding:
    """The finding where no webhook checks pools."""
    snapshot, namespace = gathered.snapshot, gathered.parameters.namespace
    if namespace:
        text = say(
            "Dry runs are made of MetalLB's pools alone, and no webhook in {namespace} checks these.",
            namespace=namespace,
        )
        return absent(DRY_RUN, gathered) or DRY_RUN.unseen(text)
    if unread := unreadable(DRY_RUN, gathered):
        return unread
    return DRY_RUN.unseen(LOST) if metallb_is_used(snapshot) else unused(DRY_RUN, gathered, NO_METALLB)


def _seen(paths: Sequence[ServicePath], answer: Answer, outcome: str) -> list[Seen]:
    return [Seen(path, outcome, {"elapsed_s": answer.elapsed_s}) for path in paths]


def _passed(snapshot: Snapshot, hooks: Sequence[Hook], paths: Sequence[ServicePath], answer: Answer) -> Finding:
    evidence = [say("answered after {elapsed}", elapsed=seconds(answer.elapsed_s))]
    ignoring = [hook.webhook.timeout_seconds for hook in hooks if hook.webhook.failure_policy == "Ignore"]
    if any(answer.elapsed_s >= FAILED_OPEN * timeout_s for timeout_s in ignoring):
        outcome = "timeout"
        text = say("The dry run passed only because failures are ignored: the webhook did not answer in its time.")
        evidence.append(say("failurePolicy Ignore, timeoutSeconds {timeout}", timeout=ignoring[0]))
    else:
        outcome, text = _agreed(snapshot, sorted({node for path in paths for node in path.ends}), answer)
    return DRY_RUN.found(text, _seen(paths, answer, outcome), evidence=evidence)


def _agreed(snapshot: Snapshot, nodes: Sequence[str], answer: Answer) -> tuple[str, Text]:
    """Outcome and sentence for a webhook on these nodes that agreed."""
    if nodes and all(_runs_the_control_plane(snapshot, node) for node in nodes):
        return "pass-local", say(
            "The dry run passes, but the webhook runs on the API server's own node: "
            "this says nothing about the way between nodes."
        )
    if answer.elapsed_s >= SLOW_S:
        return "slow", say(
            "The webhook answers the API server, but only after {elapsed}: packets may have been lost and sent again.",
            elapsed=seconds(answer.elapsed_s),
        )
    if nodes:
        return "pass", say("The webhook on {nodes} answers the API server.", nodes=names(nodes))
    return "pass", say("The webhook answers the API server.")


def _runs_the_control_plane(snapshot: Snapshot, name: str) -> bool:
    node = snapshot.node(name)
    return node is not None and node.control_plane


def _not_passed(hooks: Sequence[Hook], paths: Sequence[ServicePath], answer: Answer) -> Finding:
    """The finding for a dry run that did not succeed: what the API server said decides."""
    if not answer.status:
        return _no_answer(hooks, paths, answer)
    took = say("after {elapsed}: HTTP {status}", elapsed=seconds(answer.elapsed_s), status=answer.status)
    evidence = [took, say("{words}", words=answer.message)]
    reading = read_answer(answer.message)
    not_asked = None if reading.phrase and reading.phrase.name == "denied" else _not_asked(hooks, answer, reading)
    if not_asked:
        return DRY_RUN.unseen(not_asked, evidence, paths)
    meaning = reading.meaning if reading.phrase else None
    return DRY_RUN.found(
        meaning or say("The API server could not call the webhook."),
        _seen(paths, answer, reading.outcome),
        evidence=evidence,
    )


def _no_answer(hooks: Sequence[Hook], paths: Sequence[ServicePath], answer: Answer) -> Finding:
    took = say("after {elapsed}: no answer", elapsed=seconds(answer.elapsed_s))
    evidence = [took, say("{words}", words=answer.message)]
    longest = max(hook.webhook.timeout_seconds for hook in hooks)
    if answer.elapsed_s < FAILED_OPEN * min(DRY_RUN_AT_MOST_S, longest):
        return DRY_RUN.unseen(say("The API server did not answer the dry run."), evidence, paths)
    text = say("The API server still waited for the webhook after its time-out.")
    return DRY_RUN.found(text, _seen(paths, answer, "timeout"), evidence=evidence)


def _not_asked(hooks: Sequence[Hook], answer: Answer, reading: Reading) -> Text | None:
    """Why the answer says nothing about the webhook, or None when it does."""
    if reading.phrase and reading.phrase.name in NOT_ASKED:
        return NOT_ASKED[reading.phrase.name]
    if not reading.webhook:
        return say(
            "The API server refused the dry run before it asked the webhook: HTTP {status}.", status=answer.status
        )
    if reading.webhook not in {hook.name for hook in hooks}:
        return say("Another webhook, {webhook}, keeps the dry run from being answered.", webhook=reading.webhook)
    return None
