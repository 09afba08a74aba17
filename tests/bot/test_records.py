"""Versioned records in a real Redis."""

import threading
from typing import Any

import msgspec
import pytest

from bot.errors import Unreadable
from bot.store.connection import connect
from bot.store.keys import Keys
from bot.store.records import Kind, Record, Records
from tests.conftest import RedisServer


class Door(msgspec.Struct, frozen=True):
    """Something that is kept."""

    state: str
    colour: str = "red"


KEYS = Keys("lab")
DOOR = Kind("door", Door, 3, lambda door: door.state)


@pytest.fixture
def doors(redis_client: Any) -> Records[Door]:
    """The doors of a cluster."""
    return Records(redis_client, KEYS, DOOR, ttl_s=600)


def seen(doors: Records[Door], record: str = "d1") -> Record[Door]:
    """A record that is there."""
    found = doors.read(record)
    assert isinstance(found, Record)
    return found


def test_a_record_is_made_once(doors: Records[Door]) -> None:
    """Whoever makes it again changes nothing."""
    assert [True, False] == [doors.create("d1", Door("open")), doors.create("d1", Door("shut"))]
    assert (1, Door("open"), "open") == (seen(doors).version, seen(doors).content, doors.state("d1"))
    assert None is doors.read("d2")
    assert ("", ("d1",)) == (doors.state("d2"), doors.newest(5))


def test_only_who_saw_the_newest_version_changes_it(doors: Records[Door]) -> None:
    """Of two who read the same version the second is refused, and its work does not undo the first one's."""
    doors.create("d1", Door("open"))
    first, second = seen(doors), seen(doors)

    assert [True, False] == [doors.replace(first, Door("shut")), doors.replace(second, Door("open", "blue"))]
    assert (2, Door("shut"), "shut") == (seen(doors).version, seen(doors).content, doors.state("d1"))


def test_many_at_once_lose_nothing(redis_url: str, doors: Records[Door]) -> None:
    """Everybody who reads again and tries again gets in, one after the other."""
    doors.create("d1", Door("0"))

    def count() -> None:
        own = Records(connect(redis_url), KEYS, DOOR, ttl_s=600)
        for _ in range(25):
            while not own.replace(now := seen(own), Door(str(int(now.content.state) + 1))):
                pass

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (101, "100") == (seen(doors).version, doors.state("d1"))


def test_a_record_that_is_gone_is_not_made_again_by_a_change(redis_client: Any, doors: Records[Door]) -> None:
    """What has expired stays away."""
    doors.create("d1", Door("open"))
    before = seen(doors)
    redis_client.delete(KEYS.record("door", "d1"))

    assert not doors.replace(before, Door("shut"))
    assert None is doors.read("d1")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"body": b"[" * 20_000}, "cannot be read: "),
        ({"body": b'{"state":"\xff"}'}, "cannot be read: "),
        ({"body": b'{"state":1}'}, "cannot be read: Expected `str`, got `int`"),
        ({"format": b"4"}, "has format 4; this netcheck reads format 3."),
        ({"format": b"\xff"}, "is damaged"),
        ({"version": b"many"}, "is damaged"),
    ],
)
def test_what_cannot_be_read_is_an_answer(
    redis_client: Any, doors: Records[Door], change: dict[str, bytes], words: str
) -> None:
    """A record of another version, or a damaged one, says so, with what to do; nothing is raised."""
    doors.create("d1", Door("open"))
    redis_client.hset(KEYS.record("door", "d1"), mapping=change)

    found = doors.read("d1")

    assert isinstance(found, Unreadable)
    assert words in str(found)
    assert found.text.endswith("Run one version of netcheck everywhere.")
    assert [] == list(doors.watch("d1", 5))


def test_watching_shows_changes_over_a_restart_of_redis(redis_server: RedisServer) -> None:
    """Whoever watches waits a restart out, and misses no later state."""
    doors = Records(connect(redis_server.url), KEYS, DOOR, ttl_s=600)
    doors.create("d1", Door("open"))
    changes = doors.watch("d1", 20)
    assert "open" == next(changes).content.state

    redis_server.kill()
    restart = threading.Timer(0.3, redis_server.start)
    restart.start()
    assert "open" == next(changes).content.state
    restart.join()
    doors.replace(seen(doors), Door("shut"))

    assert "shut" == next(change for change in changes if change.version > 1).content.state


def test_nothing_of_a_record_stays_for_ever(redis_client: Any, doors: Records[Door]) -> None:
    """All but the list of a kind has a time to live from the start, and the list forgets what is gone."""
    redis_client.zadd(KEYS.index("door"), {"long ago": 1.0})
    doors.create("d1", Door("open"))
    doors.replace(seen(doors), Door("shut"))

    lasting = [key for key in redis_client.scan_iter() if redis_client.ttl(key) < 0]
    assert [KEYS.index("door").encode()] == lasting
    assert ("d1",) == doors.newest(5)
