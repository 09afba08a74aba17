"""Places as history knows them: without what changes while the place stays the same. Pure."""

from checks.place import Cluster, Node, Place, Replica, ReplicaPath, Service, ServicePath, Webhook, Workload


def lasting(place: Place) -> Place:
    """The place by what it keeps: a Service's endpoints move from node to node, and it is the same Service."""
    match place:
        case Replica(name=name):
            return Replica(name)
        case ReplicaPath(source=source, replica=replica):
            return ReplicaPath(source, replica)
        case ServicePath(source=source, namespace=namespace, name=name):
            return ServicePath(source, namespace, name)
        case Webhook(configuration=configuration, name=name):
            return Webhook(configuration, name)
        case Workload(namespace=namespace, name=name):
            return Workload(namespace, name)
    return place


def itself(place: Place) -> tuple[Place, ...]:
    """Where a number belongs that is about one place."""
    return (lasting(place),)


def its_nodes(place: Place) -> tuple[Place, ...]:
    """Where a number belongs that is about a way between nodes: to both ends, and to the cluster.

    There are as many pairs as nodes squared, and a fault of a node shows at all of its own.
    """
    return (*map(Node, place.nodes), Cluster())


def asking_node(place: Place) -> tuple[Place, ...]:
    """Where a number belongs that one node measured of something that all of them measure."""
    asker = (place.source,) if isinstance(place, ServicePath | ReplicaPath) else place.nodes[:1]
    return (*(Node(name) for name in asker if name), Cluster())


def its_service(place: Place) -> tuple[Place, ...]:
    """Where a number belongs that is about a Service, whoever measured it."""
    return (Service(place.namespace, place.name),) if isinstance(place, ServicePath) else (lasting(place),)


def whole(_place: Place) -> tuple[Place, ...]:
    """Where a number belongs that counts places."""
    return (Cluster(),)
