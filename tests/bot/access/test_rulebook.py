"""The file of the rules is read again when it has changed, and a broken one permits no change."""

import logging
import os
from pathlib import Path

import pytest

from bot.access.rulebook import Rulebook
from bot.access.rules import BY_DEFAULT, Rules, Subject
from bot.access.verb import Verb


def users(rules: Rules, verb: Verb = Verb.APPROVE) -> list[Subject]:
    """Whom the rules of a verb name."""
    return [user for rule in rules[verb] for user in rule.users]


def test_without_a_file_everybody_may_look(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody may change anything, and nothing is wrong."""
    now = Rulebook().now()

    assert (BY_DEFAULT, "", "") == (now.rules, now.file, now.wrong)
    assert [Verb.DIAGNOSE, Verb.INCIDENT] == [verb for verb, rules in now.rules.items() if rules]
    assert [] == caplog.records


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """Written in place, or replaced by another file."""
    file = tmp_path / "access.toml"
    file.write_text('[approve]\nusers = ["U1"]\n', encoding="utf-8")
    book = Rulebook(str(file))
    seen = [users(book.now().rules)]

    file.write_text('[approve]\nusers = ["U1", "U2"]\n', encoding="utf-8")
    seen.append(users(book.now().rules))
    other = tmp_path / "other.toml"
    other.write_text('[approve]\nusers = ["U3", "U4"]\n', encoding="utf-8")
    other.replace(file)
    seen.append(users(book.now().rules))

    assert [["U1"], ["U1", "U2"], ["U3", "U4"]] == [[user.id for user in each] for each in seen]


def test_a_configmap_is_changed_by_turning_a_link(tmp_path: Path) -> None:
    """The kubelet leaves the path as it is and turns `..data` to another folder."""
    for version, user in (("..1", "U1"), ("..2", "U2")):
        (tmp_path / version).mkdir()
        (tmp_path / version / "access.toml").write_text(f'[approve]\nusers = ["{user}"]\n', encoding="utf-8")
        os.utime(tmp_path / version / "access.toml", (1, 1))
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "access.toml").symlink_to("..data/access.toml")
    book = Rulebook(str(tmp_path / "access.toml"))
    before = users(book.now().rules)

    (tmp_path / "..new").symlink_to("..2")
    (tmp_path / "..new").replace(tmp_path / "..data")

    assert ([Subject("U1")], [Subject("U2")]) == (before, users(book.now().rules))


def test_an_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    """Many acts cost one reading."""
    file = tmp_path / "access.toml"
    file.write_text("", encoding="utf-8")
    book = Rulebook(str(file))

    assert book.now() is book.now()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[approve]\nuser = []\n", "Line 2: A rule has no 'user'. Did you mean users?"),
        (b"\xff", "It is no UTF-8: byte 0."),
        (b"#" * 1_000_001, "It has more than 1000000 bytes."),
        (None, "It cannot be read: No such file or directory."),
    ],
)
def test_a_broken_file_permits_no_change(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes | None, said: str
) -> None:
    """Who may look stays as it was, the log says once what is wrong, and a good file is good again."""
    file = tmp_path / "access.toml"
    good = '[diagnose]\nusers = ["U1"]\n[approve]\nusers = ["U2"]\n'
    file.write_text(good, encoding="utf-8")
    book = Rulebook(str(file))
    book.now()

    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    now = book.now()
    book.now()

    assert (said, [Subject("U1")], []) == (now.wrong, users(now.rules, Verb.DIAGNOSE), users(now.rules))
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert [f"{file} cannot be used, so nobody may change anything: {said}"] == errors
    file.write_text(good, encoding="utf-8")
    assert ("", [Subject("U2")]) == (book.now().wrong, users(book.now().rules))


def test_a_file_that_was_never_good_lets_people_look(tmp_path: Path) -> None:
    """A bot that starts with a broken file still diagnoses."""
    now = Rulebook(str(tmp_path / "none.toml")).now()

    assert [Verb.DIAGNOSE, Verb.INCIDENT] == [verb for verb, rules in now.rules.items() if rules]
