"""Sentences as data become words: in any language, and whatever the data are."""

import ast
from pathlib import Path

import pytest

from bot.language import CHARACTERS, ENGLISH, Language, local_time
from checks.place import Cluster, Node, Pair
from checks.text import Moment, Quantity, Text, Unit, Value, listed, names, say, say_many, seconds, share, size
from tests.bot.catalogues import LOCALE, ROOT, SOURCES, Message, catalogue

GERMAN = Language("de")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("eth0", "eth0"),
        (4789, "4789"),
        (1234.5, "1,234.5"),
        (seconds(0.0004), "0.4 ms"),
        (seconds(0.0124), "12 ms"),
        (seconds(1.24), "1.2 s"),
        (seconds(12.4), "12 s"),
        (seconds(180.0), "3 min"),
        (share(0.292), "29.2 %"),
        (Moment(1e9), local_time(1e9)),
        (Moment(1e300), "1e+300"),
        (share(1.0), "100 %"),
        (size(1), "1 byte"),
        (size(1400), "1,400 bytes"),
        (Quantity(20000, Unit.COUNT), "20,000"),
        (Node("w1"), "w1"),
        (Pair("w1", "w2"), "w1 → w2"),
        (Cluster(), "cluster"),
        (say("on {node}", node="w1"), "on w1"),
        ([], ""),
        (["w1"], "w1"),
        ([Node("w1"), Node("w2"), Node("w3")], "w1, w2, and w3"),
        (names(["w1", "w2", "w3"], most=1), "w1 and 2 more"),
        (listed([seconds(0.5), size(2)]), "500 ms and 2 bytes"),
    ],
)
def test_values_are_shown_as_people_write_them(value: Value, shown: str) -> None:
    """Numbers have their unit and as many digits as matter; what may be a port has no separators."""
    assert shown == ENGLISH.words(say("{value}", value=value))


def test_moments_are_told_as_whoever_shows_them_wants_it() -> None:
    """Slack has a way of its own; elsewhere it is this machine's time, with date and zone."""
    text = say("since {moment}", moment=Moment(1e9))

    assert "since 1000000000" == ENGLISH.telling(lambda at: f"{at:.0f}").words(text)
    assert ENGLISH.words(text).startswith("since 2001-09-0")


def test_numbers_follow_the_locale() -> None:
    """Even where no catalogue translates the sentence."""
    assert "1.400 bytes, 29,2 %" == GERMAN.words(say("{size}, {share}", size=size(1400), share=share(0.292)))
    assert "w1, w2 und w3" == GERMAN.words(say("{nodes}", nodes=["w1", "w2", "w3"]))


@pytest.mark.parametrize(("count", "shown"), [(0, "0 pairs"), (1, "1 pair"), (2, "2 pairs")])
def test_plurals(count: int, shown: str) -> None:
    """One pair, two pairs."""
    assert shown == ENGLISH.words(say_many("{count} pair", "{count} pairs", count))


def test_a_catalogue_translates_sentences_and_its_own_plural_forms(tmp_path: Path) -> None:
    """A language with three forms needs no change in the code, and values go where its sentence has them."""
    many: dict[Message, Message] = {
        ("{count} pair fails on {node}.", "{count} pairs fail on {node}."): (
            "Na {node} nie działa {count} para.",
            "Na {node} nie działają {count} pary.",
            "Na {node} nie działa {count} par.",
        )
    }
    polish = Language("pl", catalogue(tmp_path, "pl", many))

    said = [
        polish.words(say_many("{count} pair fails on {node}.", "{count} pairs fail on {node}.", count, node="w1"))
        for count in (1, 3, 5)
    ]

    assert [
        "Na w1 nie działa 1 para.",
        "Na w1 nie działają 3 pary.",
        "Na w1 nie działa 5 par.",
    ] == said


@pytest.mark.parametrize(
    "template",
    [
        "{",
        "}",
        "{}",
        "{0}",
        "{missing}",
        "{x.__class__}",
        "{x[0]}",
        "{x!r}",
        "{x:>999999999}",
        "{{x.real}}",
        "%s %(x)s %n",
        "",
    ],
)
def test_a_template_is_no_format_string(template: str) -> None:
    """What another version or somebody else has written is shown as it stands; nothing is looked up or padded."""
    assert template == ENGLISH.words(Text(template, {"x": "value", "0": "value", "": "value"}))


def test_values_are_not_templates() -> None:
    """A brace in the name of a pod stays a brace."""
    assert "{b} {b.__class__}" == ENGLISH.words(say("{a}", a="{b} {b.__class__}", b="never"))
    assert "{0} and {x}" == ENGLISH.words(say("{a}", a=["{0}", "{x}"]))


def test_what_is_nested_without_end_is_cut_short() -> None:
    """A record that would be larger than memory as a sentence is a long sentence and no more."""
    text = say("{a}" * 100, a="x" * 100)
    for _ in range(400):
        text = say("{a}" * 100, a=text)

    assert len(ENGLISH.words(text)) <= CHARACTERS
    assert CHARACTERS == len(ENGLISH.words(say("{a}" * 1000, a=["y" * 100] * 1000)))


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), -float("inf"), 1e308, 10**400, -1.0, Quantity(float("nan"), Unit.BYTES), seconds(-1)],
)
def test_no_number_is_too_strange(value: Value) -> None:
    """Whatever a record holds as a number, there is something to show."""
    assert ENGLISH.words(say("{value}", value=value))


def _templates(path: Path) -> list[tuple[int, ast.expr]]:
    """What is said in a module: line numbers and the templates."""
    source = path.read_text(encoding="utf-8")
    # The playground has a `say` of its own, in which people say something.
    if "from checks.text import" not in source:
        return []
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    heads = {"say": 1, "say_many": 2}
    return [
        (call.lineno, template)
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in heads
        for template in call.args[: heads[call.func.id]]
    ]


@pytest.mark.parametrize("folder", SOURCES)
def test_every_template_is_a_literal(folder: str) -> None:
    """`make messages` finds only what stands as a literal in `say` and `say_many`: others could not be translated."""
    computed = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line, template in _templates(path)
        if not (isinstance(template, ast.Constant) and isinstance(template.value, str))
    ]
    assert [] == computed


def test_an_english_sentence_needs_no_catalogue(tmp_path: Path) -> None:
    """Without one, or where a sentence is missing from it, the template itself is shown."""
    assert "On w1." == Language(LOCALE, tmp_path).words(say("On {node}.", node="w1"))
