"""What is looked at of a text that is too long."""

import pytest

from bot.commands.excerpt import excerpt

ERROR = 'failed calling webhook "x.io": context deadline exceeded'
NOISE = "level=info everything goes its way"


def test_a_short_text_is_looked_at_whole() -> None:
    """Nothing is left out, and nothing is said of it; what Slack made of it is undone."""
    taken = excerpt("a &lt; b")

    assert ("a < b", "") == (taken.text, taken.left_out)


def test_the_telling_lines_of_a_long_text_are_kept_in_order() -> None:
    """An error at the end of a log counts, however long the log is; what was left out is said."""
    lines = ["level=error first", *[NOISE] * 1000, "connection refused", ERROR]

    taken = excerpt("\n".join(lines))

    assert f"level=error first\nconnection refused\n{ERROR}" == taken.text
    assert "only 3 of its 1003 lines are looked at, those that tell of errors." in taken.left_out


def test_what_netcheck_knows_goes_before_what_only_reads_like_an_error() -> None:
    """When not even the telling lines fit, the known errors stay, and then the latest."""
    lines = [ERROR, *(f"level=error number {n}" for n in range(1000))]

    kept = excerpt("\n".join(lines)).text.splitlines()

    assert (ERROR, "level=error number 999") == (kept[0], kept[-1])
    assert "level=error number 0" not in kept


@pytest.mark.parametrize(
    ("text", "expected"), [("x" * 20_000, "x" * 10_000), ("\n".join("x" * 99 for _ in range(300)), None)]
)
def test_without_a_telling_line_the_beginning_is_taken(text: str, expected: str | None) -> None:
    """Something is better than nothing."""
    taken = excerpt(text)

    assert (expected or text[:10_000]) == taken.text
    assert "only its first 10000 are looked at" in taken.left_out


def test_an_error_deep_in_one_long_line_is_found() -> None:
    """Logs in JSON have everything on one line."""
    assert ERROR in excerpt("x" * 30_000 + ERROR + "y" * 30_000).text
