"""Waiting: at once when it is so already, at the change when it comes, and never for ever."""

import threading

import pytest

from tests.waiting import Changes, until


def test_what_holds_already_is_given_back() -> None:
    """The condition's own value comes back, as soon as it is true."""
    values = iter(["", [], "there"])

    assert "there" == until(lambda: next(values))


def test_a_change_wakes_whoever_waits() -> None:
    """Told of a change from another thread, the condition is asked again; without one it is not."""
    changes, asked = Changes(), threading.Event()
    value: list[str] = []
    looks: list[int] = []

    def look() -> list[str]:
        looks.append(changes.count)
        asked.set()
        return list(value)

    def change() -> None:
        asked.wait()
        value.append("there")
        changes.tell()

    other = threading.Thread(target=change)
    other.start()

    assert ["there"] == until(look, wakes=changes)
    other.join()
    assert 2 >= len(looks)


def test_a_change_while_looking_is_not_missed() -> None:
    """What changes between the look and the wait is looked at again at once."""
    changes, answers = Changes(), iter(["", "there"])

    def look() -> str:
        changes.tell()
        return next(answers)

    assert "there" == until(look, wakes=changes)


def test_what_never_comes_is_an_error() -> None:
    """It ends after its time, and says how long that was."""
    with pytest.raises(TimeoutError, match=r"nothing came within 0\.05 s"):
        until(lambda: None, 0.05)
