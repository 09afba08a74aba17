"""What stands where no picture can be shown."""

import msgspec
import pytest

from bot.pictures.lines import lines
from bot.pictures.matrix import failed, matrix_of
from bot.pictures.timeline import timeline_of
from bot.pictures.words import ROWS, WIDTH, in_words, short_names
from checks.text import say
from tests.bot.pictures.shown import closed, recorded, series, tcp


def test_a_small_matrix_is_a_table_of_words() -> None:
    """A time where it passes, a word where it does not, so that no colour is needed."""
    matrix = failed(recorded())

    assert matrix is not None
    expected = """\
from / to          cp     w1     w2
cp                  -  fails     23
w1              fails      -  fails
w2               47.3  fails      -
Numbers: milliseconds. -: not tried. ?: not seen."""
    assert expected == in_words(matrix)


def test_of_a_large_matrix_the_worst_rows_are_told() -> None:
    """Each in a line that a phone does not break."""
    matrix = matrix_of(tcp(100, bad={40, 70}))

    assert matrix is not None
    told = in_words(matrix).split("\n")
    assert ("…worker-040 10 of 10 fail: …worker-035, …work…", ROWS + 1) == (told[0], len(told))
    assert "and 2 more rows in which something fails" == told[-1]
    assert max(map(len, told)) <= WIDTH


def test_lines_are_a_table_of_medians_and_losses() -> None:
    """A row a series."""
    picture = lines(say("DNS"), "ms", [series("coredns-a", 1.5, lost_at={3, 4, 5}), series("coredns-b", 20.0)])

    assert picture is not None
    expected = """\
                 median  longest   lost
coredns-a           1.5      1.5  12.5%
coredns-b            20       20   0.0%
Median and longest: ms. Lost: of all that was sent."""
    assert expected == in_words(picture)


def test_a_timeline_is_a_list() -> None:
    """When, what and who."""
    picture = timeline_of(closed())

    assert picture is not None
    assert ["07:06:40 Opened (Ada)", "08:06:40 Closed (Ada)"] == in_words(
        msgspec.structs.replace(picture, moments=(picture.moments[0], picture.moments[-1]))
    ).split("\n")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["w1", "w2"], ["w1", "w2"]),
        (
            ["prod-eu-worker-001.example.internal", "prod-eu-worker-017.example.internal"],
            ["…eu-worker-001", "…eu-worker-017"],
        ),
        (
            ["prod-eu-control-1.example.internal", "prod-eu-worker-17.example.internal"],
            ["…eu-control-1", "…eu-worker-17"],
        ),
        (["aaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbb"], ["aaaaaaa…aaaaaa", "bbbbbbb…bbbbbb"]),
        (["a-very-long-name-alone.example.internal"], ["a-very-…ternal"]),
        ([], []),
    ],
)
def test_names_are_shortened_to_what_tells_them_apart(names: list[str], expected: list[str]) -> None:
    """What all share goes first, then the middle."""
    assert expected == short_names(names)
