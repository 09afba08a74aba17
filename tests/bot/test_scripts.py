"""The Lua scripts: each does what its header says, and nobody calls one by other names."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.store import scripts
from bot.store.scripts import Script, load

FOLDER = Path(scripts.__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.lua"))


@pytest.mark.parametrize("name", NAMES)
def test_a_script_is_held_to_its_header(redis_client: Any, name: str) -> None:
    """It says what it does, uses every name that it declares and no other way to its keys and arguments, and is Lua."""
    lines = (FOLDER / f"{name}.lua").read_text(encoding="utf-8").splitlines()
    body = "\n".join(line for line in lines if not line.startswith("--"))
    declared = [each.removesuffix("...") for each in (*load(name).keys, *load(name).arguments)]

    assert lines[0].startswith("-- ")
    assert lines[0].endswith((".", ",", ":"))
    assert [] == re.findall(r"KEYS|ARGV", body)
    assert [] == [each for each in declared if not re.search(rf"\b{each}\b", body)]
    assert 40 == len(redis_client.script_load(load(name).text))


def test_every_script_is_called_by_somebody() -> None:
    """A script that nothing names is dead."""
    program = "".join(path.read_text(encoding="utf-8") for path in FOLDER.parents[2].glob("bot/**/*.py"))

    assert [] == [name for name in NAMES if f'Script("{name}")' not in program]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"stream": "s"}, "missing ['consumer', 'entry', 'group'], unknown []"),
        ({"stream": "s", "group": "g", "consumer": "c", "entry": "1", "entries": "1"}, "unknown ['entries']"),
    ],
)
def test_wrong_names_are_refused_at_once(values: dict[str, str], words: str) -> None:
    """Before anything is sent: the client is never asked."""
    with pytest.raises(TypeError) as caught:
        Script("renew_lease")(None, **values)

    assert words in str(caught.value)


def test_a_header_must_be_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A script without its declarations, or with one name for two things, cannot be loaded."""
    monkeypatch.setattr(scripts, "_FOLDER", tmp_path)
    (tmp_path / "half.lua").write_text("-- Half.\n-- KEYS a\nreturn 1\n", encoding="utf-8")
    (tmp_path / "twice.lua").write_text("-- Twice.\n-- KEYS a\n-- ARGV a\nreturn 1\n", encoding="utf-8")

    for name, words in (("half", "does not declare its KEYS and ARGV"), ("twice", "declares a name twice")):
        with pytest.raises(ValueError, match=words):
            load(name)


def test_names_become_locals_and_the_last_takes_the_rest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, redis_client: Any
) -> None:
    """The order of the header is the order of Redis's arguments, whatever the order of the keywords."""
    monkeypatch.setattr(scripts, "_FOLDER", tmp_path)
    text = "-- Names.\n-- KEYS first second\n-- ARGV one more...\nreturn {first, second, one, #more, more[2]}\n"
    (tmp_path / "names.lua").write_text(text, encoding="utf-8")

    answer = Script("names")(redis_client, more=["x", "y"], one="1", second="{a}2", first="{a}1")

    assert [b"{a}1", b"{a}2", b"1", 2, b"y"] == answer


def test_a_script_survives_a_redis_that_has_forgotten_it(redis_client: Any) -> None:
    """A restart empties Redis's cache of scripts; in a pipeline too it is loaded again."""
    names = {"stream": "s", "enqueued": "e", "body": "", "signature": "", "ttl": 60}
    redis_client.script_flush()
    enqueue = Script("enqueue_job")

    first = enqueue(redis_client, job="1", **names)
    redis_client.script_flush()
    with redis_client.pipeline(transaction=False) as pipe:
        enqueue(pipe, job="1", **names)
        enqueue(pipe, job="2", **names)
        rest = pipe.execute()

    assert (1, [0, 1]) == (first, rest)
