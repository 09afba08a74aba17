"""What a command is made of, and what it has at hand when it acts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.access.audit import Act
from bot.access.policy import Policy
from bot.access.verb import Verb
from bot.commands.answer import Outcome, Started
from bot.commands.caller import Caller
from bot.commands.clusters import Clusters
from bot.commands.grammar import Asked, Line, choose_cluster, known_nodes
from bot.config import SigningKey
from bot.runs.model import Run, Wanted
from bot.runs.requests import new_id, run_request
from bot.runs.runs import Runs


@dataclass(frozen=True, slots=True)
class Means:
    """What acts need of the outside."""

    clusters: Clusters
    key: Callable[[], SigningKey]
    """Gives the key that signs what is started; nothing else needs it."""
    default_cluster: str = ""
    """Meant when none is named and there are several."""


Open = Callable[[], Means]
"""Gives the means, which are made when they are first needed: help works without Redis."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an act is about."""

    cluster: str = ""
    """Empty: netcheck itself, which everybody may ask about."""
    run: Run | None = None


def nowhere(_asked: Asked, _means: Open) -> Target:
    """The target of what is about netcheck itself."""
    return Target()


def one_cluster(asked: Asked, means: Open) -> Target:
    """The cluster that was named or that must be meant.

    Raises:
        AmbiguousCluster: there are several.
        UsageError: the cluster or a node of it is not known.
    """
    clusters = means().clusters
    cluster = choose_cluster(asked, clusters.names(), means().default_cluster)
    if asked.nodes:
        known_nodes(asked, clusters.nodes(cluster))
    return Target(cluster)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One act that may be done: it is understood, resolved and permitted."""

    asked: Asked
    caller: Caller
    target: Target
    means: Open
    policy: Policy
    """Who may do what, for acts that depend on more than their words."""
    noted: Act | None = None
    """It as the audit record has it; None for what is about netcheck itself."""

    @property
    def runs(self) -> Runs:
        """The runs of the cluster that it is about."""
        return self.means().clusters.runs(self.target.cluster)

    def start(self, checks: Mapping[str, Mapping[str, Any]], plan: Wanted | None = None) -> Started:
        """Ask for a run of checks, each by its name with its parameters; the same trigger twice asks once.

        With `plan` the run is about the whole cluster, and what it sees is for a plan.

        The act is recorded in the same step.

        Raises:
            Refused: the queue is full.
        """
        means = self.means()
        request = run_request(
            self.asked.command,
            self.target.cluster,
            checks,
            nodes=() if plan else self.asked.nodes,
            plan=plan,
            run=new_id(self.caller.trigger),
            by=self.caller.by,
            now=means.clusters.now(),
        )
        self.runs.submit(request, means.key(), self.caller.where, self.noted)
        return Started(request.id, request.cluster)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: how it is written, what it means, and what it does."""

    name: str
    usage: str
    meaning: str
    example: str
    parse: Callable[[Line], Asked]
    """Raises `UsageError`: a word that is not known, a missing word, a value that does not fit."""
    verb: Verb | Callable[[Asked], Verb]
    """What somebody must be permitted to give it; of some commands it depends on what is asked for."""
    act: Callable[[Errand], Outcome]
    target: Callable[[Asked, Open], Target] = one_cluster
    starts_run: bool = False
    """Whether all that it does is `Errand.start`. What the run saw can be saved afterwards."""

    def verb_of(self, asked: Asked) -> Verb:
        """What somebody must be permitted to have it do what was asked for."""
        return self.verb if isinstance(self.verb, Verb) else self.verb(asked)


def alone(line: Line) -> Asked:
    """The parser of a command that takes at most a cluster."""
    said = line.said()
    line.no_more(said.words, said.pairs, said.nodes)
    return Asked(command=line.command, cluster=said.cluster)
