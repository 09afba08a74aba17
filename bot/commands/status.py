"""`status`: how netcheck itself is in one cluster."""

from collections.abc import Sequence

from bot.access.verb import Verb
from bot.commands.answer import Answer, Entry, Heading, Item, Mark, Name, RunEntry
from bot.commands.command import Command, Errand, alone
from bot.fleet import Member
from bot.runs.status import Status, status_of
from bot.store.keys import Keys
from checks.observation import Network

COULD_NOT_LOOK = 3
"""The exit code where no worker was heard of: nothing can be looked at."""


def _act(errand: Errand) -> Answer:
    return answer(status_of(errand.runs))


def answer(status: Status) -> Answer:
    """What is said about a cluster's workers, agents, queue and recent runs."""
    here = [member for member in status.members if member.role == "worker" and member.here]
    items: list[Item] = [*_members(status), Heading("Queue"), *_queue(status)]
    if status.dead:
        items.append(Heading("Given up"))
        items += [
            Entry((f"{letter.reason} (", _waiting(status, letter.stream), f", {_age(letter.age_s)} ago)"))
            for letter in status.dead
        ]
    items.append(Heading("Recent runs"))
    items += [RunEntry(run) for run in status.recent] or [Entry(("None yet.",))]
    return Answer(
        f"netcheck in {status.cluster}",
        tuple(items),
        status,
        exit_code=0 if here else COULD_NOT_LOOK,
    )


def _members(status: Status) -> list[Item]:
    workers = [member for member in status.members if member.role == "worker"]
    items: list[Item] = [
        Entry(
            ("worker ", Name(m.name), ", here" if m.here else f", last heard of {_age(m.age_s)} ago"),
            Mark.WELL if m.here else Mark.WARNING,
        )
        for m in workers
    ]
    if not workers:
        items.append(Entry((f"No worker serves {status.cluster}: runs wait until one starts.",), Mark.WARNING))
    for network in (Network.HOST, Network.POD):
        agents = [member for member in status.members if member.role == f"agent-{network}"]
        items.append(_agents(network, agents, status.nodes))
    return items


def _agents(network: Network, agents: Sequence[Member], nodes: Sequence[str]) -> Entry:
    here = {member.name for member in agents if member.here}
    silent = [node for node in nodes if node not in here]
    said = f"{network} agents: {len(here)} of {len(nodes)} nodes" + (f"; silent: {', '.join(silent)}" if silent else "")
    return Entry((said,), Mark.WARNING if silent else Mark.WELL)


def _queue(status: Status) -> list[Item]:
    rows = [
        Entry((_waiting(status, row.stream), f": {row.entries}, the oldest for {_age(row.oldest_s)}"))
        for row in status.backlog
    ]
    return [*rows] or [Entry(("Nothing waits.",))]


def _waiting(status: Status, stream: str) -> str:
    """What waits on a stream, in words; the stream's own name when it is none of this cluster's."""
    keys = Keys(status.cluster)
    words = {keys.runs: "runs", keys.jobs(Network.CLUSTER): "jobs for the workers"}
    words |= {
        keys.jobs(network, node): f"jobs for {node} ({network})"
        for node in status.nodes
        for network in (Network.HOST, Network.POD)
    }
    return words.get(stream, stream)


def _age(age_s: float) -> str:
    return f"{age_s:.1f} s" if age_s < 10 else f"{age_s:.0f} s" if age_s < 120 else f"{age_s / 60:.0f} min"  # noqa: PLR2004 - as exact as matters to a person


COMMAND = Command(
    name="status",
    usage="status [in CLUSTER]",
    meaning="Show workers, agents, queue and recent runs.",
    example="status",
    parse=alone,
    verb=Verb.DIAGNOSE,
    act=_act,
)
