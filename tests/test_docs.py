"""The documents are complete: every setting, command, finding, parameter and cause is where people look for it."""

import re
from pathlib import Path

import msgspec
import pytest
from checks.check import Check
from checks.diagnosis.model import Diagnosis
from checks.report import Report

from bot.config import SETTINGS
from bot.grammar import COMMANDS
from checks.coverage import FINDINGS
from checks.diagnosis.causes import CAUSES, NEUTRAL, NORMAL
from checks.registry import CHECKS

ROOT = Path(__file__).parent.parent
HEADINGS = ["Description", "Parameters", "Where it runs", "Findings", "Examples", "Limits"]


def text(path: str) -> str:
    """A document of the project."""
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.name)
def test_a_checks_readme_has_the_fixed_headings(check: Check) -> None:
    """`/netcheck help CHECK` shows it, so all of them are built alike."""
    readme = text(f"checks/{check.name}/README.md")

    assert f"# {check.name}" == readme.splitlines()[0]
    assert HEADINGS == re.findall(r"^## (.*)$", readme, re.MULTILINE)


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.name)
def test_a_checks_readme_lists_its_findings_and_parameters(check: Check) -> None:
    """What a check may report and what it takes is written down, and nothing else is."""
    readme = text(f"checks/{check.name}/README.md")
    findings = readme.split("## Findings")[1].split("\n## ")[0]
    parameters = readme.split("## Parameters")[1].split("\n## ")[0]

    assert set(check.findings) == set(re.findall(rf"`({check.name}\.[a-z0-9-]+)`", findings))
    for field in msgspec.structs.fields(check.parameters):
        assert f"`{field.encode_name}`" in parameters


def test_every_setting_is_documented() -> None:
    """docs/settings.md is the table of bot/config.py."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| (?:`(.*?)`)? ?\| (.*) \|$", text("docs/settings.md"), re.MULTILINE)

    assert [(s.name, s.default, s.meaning) for s in SETTINGS] == rows


def test_every_command_is_in_the_readme() -> None:
    """What can be typed is in the README's table."""
    readme = text("README.md")

    assert [] == [c.name for c in COMMANDS if f"`/netcheck {c.name}" not in readme]


def test_every_field_of_the_json_is_documented() -> None:
    """docs/json.md names every field of a report and a diagnosis."""
    described = text("docs/json.md")
    fields = {f.encode_name for kind in (Report, Diagnosis) for f in msgspec.structs.fields(kind)} - {"diagnosis"}

    assert set() == {field for field in fields if f"`{field}" not in described}


def test_causes_predict_only_findings_that_checks_report() -> None:
    """A misspelt finding code in the table would never count."""
    known = {code for check in CHECKS.values() for code in check.findings} | set(FINDINGS) | {"diagnosis.at-risk-pairs"}
    used = {code for cause in CAUSES for code in cause.predicts} | set(NORMAL) | set(NEUTRAL)

    assert set() == used - known


@pytest.mark.parametrize("cause", [c for c in CAUSES if c.slug not in ("healthy", "unknown")], ids=lambda c: c.slug)
def test_every_cause_says_what_to_do_and_why_it_is_believed(cause: object) -> None:
    """A cause without a fix, a deciding probe or a source is of no use at night."""
    assert all(getattr(cause, name) for name in ("title", "fix", "decide", "source", "predicts"))
