"""The documents are complete: every setting, command, finding and parameter is where people look for it."""

import re
import shlex
from pathlib import Path

import msgspec
import pytest

from bot.access.audit import Act, Recorded
from bot.access.requester import Requester
from bot.access.rules import Rule, read_rules
from bot.access.verb import Verb
from bot.cli import arguments
from bot.commands.audit import row_of
from bot.commands.grammar import Asked, Line
from bot.commands.registry import COMMANDS, understand
from bot.config import SETTINGS
from checks.check import Check
from checks.code import Code
from checks.coverage.judge import CODES as COVERAGE
from checks.registry import CHECKS

ROOT = Path(__file__).parent.parent
CODES: dict[str, tuple[Code, ...]] = {name: check.codes for name, check in CHECKS.items()} | {"coverage": COVERAGE}
"""What each README has to list; coverage is judged with every run, although nobody can ask for it."""
ACT = Act(by=Requester(), surface="command", command="status", line="status", cluster="prod")
HEADINGS = ["Description", "Parameters", "Where it runs", "Findings", "Examples", "Limits"]


def text(path: str) -> str:
    """A document of the project."""
    return (ROOT / path).read_text(encoding="utf-8")


def page(name: str) -> str:
    """The README of a check."""
    return f"checks/{name.replace('-', '_')}/README.md"


def chapter(name: str, heading: str) -> str:
    """A chapter of a check's README."""
    return text(page(name)).split(f"## {heading}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("name", CODES)
def test_a_checks_readme_has_the_fixed_headings(name: str) -> None:
    """`/netcheck help CHECK` shows it, so all of them are built alike."""
    readme = text(page(name))

    assert f"# {name}" == readme.splitlines()[0]
    assert HEADINGS == re.findall(r"^## (.*)$", readme, re.MULTILINE)


def row(code: Code) -> str:
    """A code as the table of its check's README has it."""
    letter = f"{code.probe}: " if code.probe else ""
    outcomes = " · ".join(f"`{outcome.word}`: {outcome.meaning}" for outcome in code.outcomes)
    return f"| `{code.name}` | {letter}{code.meaning} | {outcomes} |"


@pytest.mark.parametrize("name", CODES)
def test_a_checks_readme_lists_its_findings(name: str) -> None:
    """The table is what the check declares: codes, meanings, and every outcome in its words, in the same order."""
    table = [line for line in chapter(name, "Findings").splitlines() if line.startswith("|")]

    assert ["| finding | looks at | outcomes |", "|---|---|---|", *map(row, CODES[name])] == table


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.name)
def test_a_checks_readme_lists_its_parameters(check: Check) -> None:
    """What a check takes is written down, and nothing else is."""
    listed = re.findall(r"^\| `(\w+)` \|", chapter(check.name, "Parameters"), re.MULTILINE)

    assert [field.encode_name for field in msgspec.structs.fields(check.parameters)] == listed


def test_every_setting_is_documented() -> None:
    """docs/settings.md is the table of bot/config.py."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| (?:`(.*?)`)? ?\| (.*) \|$", text("docs/settings.md"), re.MULTILINE)

    assert [(s.name, s.default, s.meaning) for s in SETTINGS] == rows


def test_the_document_of_access_is_true() -> None:
    """Its whole file can be read and names every verb, and its tables have every verb, list and field of an export."""
    document = text("docs/access.md")
    file = re.findall(r"^```toml\n(.*?)^```", document, re.MULTILINE | re.DOTALL)[0]
    rules = read_rules(file)
    rows = re.findall(r"^\| (`.*?`) \|", document, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(.*?)`", row)]

    assert [2, 1, 1, 2, 1, 1] == [len(rules[verb]) for verb in Verb]
    assert list(Verb) == [verb for verb in Verb if re.search(rf"^\[\[?{verb}\]", file, re.MULTILINE)]
    fields = list(row_of(Recorded(act=ACT, at=0.0, entry="1-0")))
    lists = [field.name for field in msgspec.structs.fields(Rule)]
    assert sorted([*Verb, *lists, *fields]) == sorted(named)


def test_every_command_is_in_the_readme() -> None:
    """What can be typed is in the README's table."""
    readme = text("README.md")

    assert [] == [name for name in COMMANDS if f"`/netcheck {name}" not in readme]


README_PATHS = ["README.md", *map(page, CODES)]
DOCUMENTS = [*README_PATHS, "SECURITY.md", "docs/access.md", "docs/history.md", "docs/json.md", "docs/settings.md"]


def examples(document: str) -> list[str]:
    """Every line that a reader could copy: in a block of code, or set apart in a sentence."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", document, re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    lines += re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"```.*?```", "", document, flags=re.DOTALL))
    return [line.removeprefix("uv run ") for line in lines if re.match(r"(uv run )?/?netcheck [a-z-]", line)]


def is_form(line: str) -> bool:
    """Whether a line shows how something is written, with words to be replaced, instead of something to type."""
    return bool(re.search(r"\b[A-Z]{2,}\b|…|\[", line))


EXAMPLES = [(path, line) for path in DOCUMENTS for line in examples(text(path)) if not is_form(line)]
EXAMPLES += [("help", f"netcheck {command.example}") for command in COMMANDS.values()]


def understood(line: str) -> Asked | str:
    """What an example asks for where there is the cluster prod; the role that it starts, if it starts one."""
    if line.startswith("/netcheck"):
        return understand(Line.typed(line, lambda: ("prod",)))
    options = arguments.parse(shlex.split(line)[1:])
    return options.role or understand(Line.split(options.words, lambda: ("prod",)))


@pytest.mark.parametrize("line", [line for _, line in EXAMPLES], ids=[f"{path}: {line}" for path, line in EXAMPLES])
def test_every_example_is_understood(line: str) -> None:
    """Whatever a document shows to be typed can be typed, in Slack as on the command line, and means the same there."""
    meant = understood(line)

    words = line.lstrip("/").split()
    assert words[1] == (meant if isinstance(meant, str) else meant.command) or words[1].startswith("--")
    if isinstance(meant, Asked) and not re.search(r"--\w", line):
        assert meant == understood(f"/{line.lstrip('/')}")


@pytest.mark.parametrize("check", CHECKS)
def test_every_example_of_a_check_runs_that_check(check: str) -> None:
    """A page's examples are about its own check, with parameters that it has."""
    found = [understood(line) for line in examples(text(page(check))) if " run " in line]

    assert found
    assert {("run", check)} == {(asked.command, asked.subject) for asked in found if isinstance(asked, Asked)}


def test_examples_are_found() -> None:
    """The tests above look at something: at a block, at a sentence, and at the founding error text."""
    lines = [line for _, line in EXAMPLES]

    assert len(lines) > 25
    assert {"netcheck diagnose --json", "/netcheck diagnose", "netcheck run nic window_s=5 on w1"} <= set(lines)
    pasted = understood(r'netcheck run texts error="failed calling webhook \"x\": context deadline exceeded"')
    assert isinstance(pasted, Asked)
    assert {"error": 'failed calling webhook "x": context deadline exceeded'} == pasted.parameters
