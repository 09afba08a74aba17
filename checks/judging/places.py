"""What was seen, by where it was seen; and the way to a Service as a place. Pure."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from checks.cluster.snapshot import Endpoint, Snapshot
from checks.place import Place, ServicePath

Seen = TypeVar("Seen")
At = TypeVar("At", bound=Place)


def by_place(found: Iterable[Seen], place: Callable[[Seen], At | None]) -> dict[At, list[Seen]]:
    """What was found at each place, in the order in which places come first; without what has none."""
    places: dict[At, list[Seen]] = {}
    for each in found:
        at = place(each)
        if at is not None:
            places.setdefault(at, []).append(each)
    return places


def answering(snapshot: Snapshot, namespace: str, name: str) -> list[Endpoint]:
    """Who answers for a Service: those that are ready, or would be if the node that they are on was."""
    endpoints = [endpoint for endpoint, _ in snapshot.endpoints(namespace, name) if endpoint.addresses]
    lost = snapshot.lost_nodes
    return [e for e in endpoints if e.ready] or [e for e in endpoints if e.node_name in lost]


def service_path(source: str, namespace: str, name: str, endpoints: Iterable[Endpoint]) -> ServicePath:
    """The way from a node to a Service that these endpoints answer for."""
    every = list(endpoints)
    return ServicePath(
        source,
        namespace,
        name,
        ends=tuple(sorted({e.node_name for e in every if e.node_name})),
        pods=tuple(sorted({e.target_ref.name for e in every if e.target_ref})),
    )
