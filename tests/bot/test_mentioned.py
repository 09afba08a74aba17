"""What a run names must be there, as far as the worker can see."""

import msgspec
import pytest

from bot.errors import UsageError
from bot.mentioned import must_exist
from bot.runs.model import RunRequest
from checks.cluster.snapshot import Gap, Metadata, Node, Service, Snapshot

REQUEST = RunRequest(id="r1", cluster="prod", command="run", checks=("webhook",), expires_at=0.0)
SNAPSHOT = Snapshot(
    nodes=tuple(Node(metadata=Metadata(name=name)) for name in ("cp", "w1")),
    services=tuple(Service(metadata=Metadata(name="x", namespace=name)) for name in ("kube-system", "metallb-system")),
)


def named(namespace: str = "", nodes: tuple[str, ...] = ()) -> RunRequest:
    """A run that names these."""
    parameters = {"webhook": {"namespace": namespace}} if namespace else {}
    return msgspec.structs.replace(REQUEST, parameters=parameters, nodes=nodes)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (
            named("metalb-system"),
            "There is no Service, pod or webhook in a namespace 'metalb-system' of prod. Did you mean metallb-system?",
        ),
        (
            named("zzz"),
            (
                "There is no Service, pod or webhook in a namespace 'zzz' of prod. "
                "Choose one of kube-system, metallb-system."
            ),
        ),
        (named(nodes=("w1", "wl")), "There is no node 'wl' in prod. Did you mean w1?"),
    ],
)
def test_a_name_of_nothing_is_a_mistake(request_: RunRequest, said: str) -> None:
    """Where nothing is, nothing is wrong, which would read as healthy: it is answered with the nearest right name."""
    with pytest.raises(UsageError) as caught:
        must_exist(request_, SNAPSHOT)

    assert said == caught.value.text


@pytest.mark.parametrize(
    ("request_", "snapshot"),
    [
        (REQUEST, SNAPSHOT),
        (named("metallb-system", ("cp",)), SNAPSHOT),
        (named("zzz", ("w9",)), Snapshot()),
        (named("zzz"), msgspec.structs.replace(SNAPSHOT, gaps=(Gap(verb="list services", reason="forbidden"),))),
        (named(nodes=("w9",)), msgspec.structs.replace(SNAPSHOT, gaps=(Gap(verb="list nodes", reason="timeout"),))),
    ],
    ids=["nothing named", "all there", "nothing seen", "services unread", "nodes unread"],
)
def test_what_may_be_there_is_no_mistake(request_: RunRequest, snapshot: Snapshot) -> None:
    """What could not be read may exist."""
    must_exist(request_, snapshot)
