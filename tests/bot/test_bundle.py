"""Recordings of runs."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.errors import ConfigError, Unavailable, Unreadable
from bot.runs.bundle import VERSION, Bundle, Replay, bundle_of, bundles, read, recorded
from bot.runs.model import Run, RunRequest
from bot.store.keys import Keys
from checks.cluster.snapshot import Snapshot
from checks.observation import Network, Observation, State


def seen(node: str, network: Network, state: State = State.OBSERVED) -> Observation:
    """What one job on a node gave."""
    return Observation(check="nic", network=network, node=node, state=state)


def test_nodes_that_did_not_answer_do_not_answer_in_the_replay() -> None:
    """A replay has agents where the recorded cluster had them, so that the same nodes are silent in it."""
    bundle = Bundle(
        label="two nodes",
        cluster="lab",
        recorded_at=0.0,
        snapshot=Snapshot(),
        observations=(
            seen("", Network.CLUSTER),
            seen("w1", Network.HOST),
            seen("w1", Network.POD, State.OVERDUE),
            seen("w2", Network.HOST, State.NO_ANSWER),
        ),
    )

    assert [("w1", Network.HOST), ("w1", Network.POD)] == Replay(bundle).stations()


REQUEST = RunRequest(id="r1", cluster="lab", command="run", checks=("nic",), requested_at=7.0, expires_at=127.0)
RUN = Run(request=REQUEST, state="done")
BUNDLE = recorded(REQUEST, Snapshot(), [seen("w2", Network.HOST), seen("w1", Network.HOST)])


def test_a_bundle_says_its_version_and_is_read_again(tmp_path: Path) -> None:
    """What was saved is what is read, in an order that does not depend on who answered first."""
    path = tmp_path / "bundle.json"
    path.write_bytes(msgspec.json.encode(BUNDLE))

    assert BUNDLE == read(str(path))
    assert (VERSION, ["w1", "w2"]) == (BUNDLE.version, [o.node for o in BUNDLE.observations])


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b'{"version":99,"whatever":[]}', "is a bundle of version 99; this netcheck reads version 2."),
        (b'{"version":1,"label":"old"}', "is a bundle of version 1; this netcheck reads version 2."),
        (b"[" * 20_000 + b"]" * 20_000, "is no bundle of this version: "),
        (b'{"label":"\xff\xfe"}', "is no bundle of this version: "),
        (b'{"label":"' + b'{"a":' * 20_000, "is no bundle of this version: "),
        (b'{"version":2,"snapshot":' + b'{"nodes":[' * 20_000, "is no bundle of this version: "),
        (b"", "is no bundle of this version: "),
        (b"\x00" * 100, "is no bundle of this version: "),
    ],
    ids=["another version", "a former version", "deep", "no text", "deep in text", "deep inside", "empty", "zeros"],
)
def test_a_file_that_is_no_bundle_is_said(tmp_path: Path, document: bytes, words: str) -> None:
    """Whatever the file holds, the error is a sentence."""
    path = tmp_path / "bundle.json"
    path.write_bytes(document)

    with pytest.raises(ConfigError) as caught:
        read(str(path))

    assert words in caught.value.text


def test_a_bundle_lives_as_long_as_it_is_told(redis_client: Any) -> None:
    """Its time to live is its own; while it is there it can be saved, and after that one is told so."""
    kept = bundles(redis_client, Keys("lab"), 86400)
    with pytest.raises(Unavailable, match="What run r1 saw is no longer there"):
        bundle_of(kept, RUN)
    kept.create("r1", BUNDLE)

    assert BUNDLE == msgspec.json.decode(bundle_of(kept, RUN), type=Bundle)
    assert 86390 < redis_client.ttl(Keys("lab").record("bundle", "r1")) <= 86400


@pytest.mark.parametrize("body", [b"[" * 20_000, b'"\xff"', b"{}"])
def test_a_stored_bundle_that_cannot_be_read_is_said(redis_client: Any, body: bytes) -> None:
    """It is there, but of another version: that is another thing than being gone."""
    kept = bundles(redis_client, Keys("lab"), 60)
    kept.create("r1", BUNDLE)
    redis_client.hset(Keys("lab").record("bundle", "r1"), "body", body)

    with pytest.raises(Unreadable, match="The record bundle r1 cannot be read"):
        bundle_of(kept, RUN)
