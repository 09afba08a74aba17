"""The names of all keys."""

import re
from dataclasses import dataclass

from bot.errors import ConfigError
from checks.observation import Network

CLUSTER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@-]{0,99}")
"""A name is part of every key, where braces mean something, and one word of a command."""
CLUSTERS = "netcheck:clusters"
"""Sorted set: names of clusters by the time a worker of theirs was last seen."""
DIGESTED = "netcheck:digested"
"""Set: names of clusters that digests are made of."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one cluster.

    Raises:
        ConfigError: the cluster cannot be called so.
    """

    cluster: str

    def __post_init__(self) -> None:
        if not CLUSTER_NAME.fullmatch(self.cluster):
            raise ConfigError(
                f"A cluster cannot be called {self.cluster[:100]!r}.",
                hint="NETCHECK_CLUSTER takes up to 100 letters, digits and `. _ - / @`, the first a letter or digit.",
            )

    def _key(self, *parts: str) -> str:
        return ":".join((f"netcheck:{{{self.cluster}}}", *parts))

    # Records of any kind; see `bot.store.records`.

    def record(self, kind: str, record: str) -> str:
        """Hash: one record."""
        return self._key(kind, record)

    def changes(self, kind: str, record: str) -> str:
        """Stream: one entry whenever a record changed."""
        return self._key(kind, record, "changes")

    def index(self, kind: str) -> str:
        """Sorted set: ids of the records of a kind by the time they were made."""
        return self._key("index", kind)

    def message(self, kind: str, record: str) -> str:
        """Hash: how far the message that shows a record is."""
        return self._key(kind, record, "message")

    # What is due; see `bot.store.due`.

    def due(self, what: str) -> str:
        """Sorted set: items by the time they are due."""
        return self._key("due", what)

    def held(self, what: str) -> str:
        """Sorted set: items that nobody may take, by the time until when."""
        return self._key("held", what)

    # The queue.

    @property
    def runs(self) -> str:
        """Stream: runs waiting for a worker."""
        return self._key("runs")

    def jobs(self, network: Network, node: str = "") -> str:
        """Stream: jobs waiting for one agent, or for any worker (`Network.CLUSTER`)."""
        return self._key("jobs", node, network.value) if node else self._key("jobs", network.value)

    @property
    def orders(self) -> str:
        """Stream: what the operator is told to do."""
        return self._key("orders")

    @property
    def operator(self) -> str:
        """String: the operator that is active, and what it can do; gone soon after it."""
        return self._key("operator")

    @property
    def lead(self) -> str:
        """Hash: which operator is active, until when, and the number of its turn."""
        return self._key("lead")

    def order(self, order: str) -> str:
        """String: an order that was enqueued, so that it is enqueued once."""
        return self._key("order", order)

    def open_incident(self, about: str) -> str:
        """String: the id of the open incident about something."""
        return self._key("open-incident", about)

    @property
    def diagnosed(self) -> str:
        """String: the id of the last run that ended with a diagnosis."""
        return self._key("diagnosed")

    @property
    def definitions(self) -> str:
        """Hash: the definitions of digests by their id."""
        return self._key("digest-definitions")

    @property
    def fired(self) -> str:
        """Hash: the scheduled time of the last firing of each definition, Unix time in seconds."""
        return self._key("digest-fired")

    @property
    def audit(self) -> str:
        """Stream: who did what, as `bot.access.audit` writes it."""
        return self._key("audit")

    @property
    def audit_head(self) -> str:
        """Hash: the last entry of the audit record, its number and its chain value."""
        return self._key("audit", "head")

    @property
    def dead(self) -> str:
        """Stream: jobs and runs that were given up, with the reason."""
        return self._key("dead")

    # Who is there; see `bot.fleet`.

    @property
    def members(self) -> str:
        """Sorted set: `role/name` by the time it was last seen."""
        return self._key("members")

    @property
    def api_servers(self) -> str:
        """String: JSON list of the API servers' own addresses and ports that the last snapshot saw."""
        return self._key("api-servers")

    @property
    def nodes(self) -> str:
        """String: JSON list of the nodes that the last snapshot saw."""
        return self._key("nodes")

    # History; see `bot.history`.

    def series(self, signal: str, place: str) -> str:
        """String: one signal at one place over time."""
        return self._key("series", signal, place)

    def places(self, signal: str) -> str:
        """Sorted set: the places of a signal by the time of what was last measured there."""
        return self._key("places", signal)

    @property
    def written(self) -> str:
        """Sorted set: what the runs of the last hour have written, so that a run that is done again writes it once."""
        return self._key("written")

    @property
    def episodes(self) -> str:
        """Hash: by subject since when it is not well, and the times before."""
        return self._key("episodes")

    @property
    def subjects(self) -> str:
        """Sorted set: the subjects of episodes by the time of their last change."""
        return self._key("subjects")

    @property
    def fixes(self) -> str:
        """Sorted set: runbooks that were finished against a cause, by time."""
        return self._key("fixes")

    # What a run works with beside its record.

    def plan(self, run: str) -> str:
        """String: the snapshot and the jobs that a run decided on."""
        return self._key("run", run, "plan")

    def followed(self, run: str) -> str:
        """String: the jobs that a run decided on once it had seen what the first ones came to."""
        return self._key("run", run, "followed")

    def enqueued(self, run: str) -> str:
        """Hash: the stream entry of each of the run's jobs that has been enqueued."""
        return self._key("run", run, "enqueued")

    def results(self, run: str) -> str:
        """Hash: observations of a run by job id."""
        return self._key("run", run, "results")

    def arrivals(self, run: str) -> str:
        """Stream: one entry whenever a result of a run has come in."""
        return self._key("run", run, "arrivals")
