"""What runbooks expect to see, by name: the outcomes that count as well."""

from collections.abc import Sequence

from bot.runbooks.model import Expectation, Hand, Step
from bot.runbooks.situation import PAIR
from checks.text import say

PASS = ("pass",)
WEBHOOK_WELL = ("pass", "pass-local", "slow", "denied", "not-used")
"""`denied` too: a webhook that refuses an object was reached."""
DNS_WELL = (
    ("dns.replica-local", PASS),
    ("dns.replica-remote", PASS),
    ("dns.replica-loss", PASS),
)


def offloads_off(node: str) -> Expectation:
    """The tunnel offload of a node is off, or its adapter has none."""
    return Expectation("nic.tunnel-offload", ("off", "other-adapter"), (node,))


def adapter(node: str, kind: str) -> Expectation:
    """A node's adapter is of a kind."""
    return Expectation("nic.adapter", (kind,), (node,))


def ready(node: str) -> Expectation:
    """A node is ready."""
    return Expectation("node.ready", PASS, (node,))


def cordoned(node: str) -> Expectation:
    """A node is cordoned."""
    return Expectation("node.schedulable", ("cordoned",), (node,))


def schedulable(node: str) -> Expectation:
    """A node is open for pods."""
    return Expectation("node.schedulable", PASS, (node,))


def etcd(servers: Sequence[str], members: Sequence[str]) -> tuple[Expectation, ...]:
    """The API servers on these nodes reach etcd, and the members on those have a leader and a vote."""
    return (
        *((Expectation("etcd.api-server", PASS, tuple(servers)),) if servers else ()),
        *((Expectation("etcd.member", ("follower", "leader"), tuple(members)),) if members else ()),
    )


def paths_between(nodes: Sequence[str]) -> tuple[Expectation, ...]:
    """TCP and ping pass on every way between these nodes; nothing where there is one alone: a way has two ends."""
    if len(nodes) < PAIR:
        return ()
    codes = ("paths.host-tcp", "paths.cross-ping", "paths.cross-tcp", "paths.cross-tcp-bulk")
    return tuple(Expectation(code, PASS, tuple(nodes)) for code in codes)


def all_paths() -> tuple[Expectation, ...]:
    """TCP and ping pass between all nodes."""
    codes = ("paths.host-tcp", "paths.cross-ping", "paths.cross-tcp", "paths.cross-tcp-bulk", "paths.host-pod")
    return tuple(Expectation(code, PASS) for code in codes)


def dns(pods: Sequence[str] = ()) -> tuple[Expectation, ...]:
    """These replicas of CoreDNS answer everybody, 20 queries of 20 each; all of them when none is named."""
    return tuple(Expectation(code, outcomes, pods=tuple(pods)) for code, outcomes in DNS_WELL)


def webhook() -> Expectation:
    """The API server reaches MetalLB's webhook, in a dry run."""
    return Expectation("webhook.dry-run", WEBHOOK_WELL)


def webhook_between(nodes: Sequence[str], *, dry_run: bool) -> tuple[Expectation, ...]:
    """Webhooks that are on these nodes are reached from API servers that are; whatever is elsewhere is not judged.

    In a dry run any API server may be the one that asks, so it says something only where all of them are meant.
    """
    codes = ("paths.webhook-endpoint", "paths.webhook-service")
    ways = tuple(Expectation(code, ("pass", "not-used"), tuple(nodes), if_any=True) for code in codes)
    if not dry_run:
        return ways
    return (*ways, Expectation("webhook.dry-run", WEBHOOK_WELL, tuple(nodes), if_any=True))


def confirm() -> Step:
    """The last step of most runbooks: whatever was broken, this is what people need."""
    return Step(
        name="confirm",
        title=say("Confirm that the incident is over"),
        hand=Hand.NOBODY,
        verification=(*all_paths(), *dns(), webhook()),
        patience_s=30.0,
    )
