"""What every runbook holds to, and what each plans for the founding incident."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.commands.grammar import Line
from bot.commands.registry import understand
from bot.runbooks.machine import drawn
from bot.runbooks.model import Approval, Form, Hand, Plan, Step
from bot.runbooks.registry import RUNBOOKS, cures, page
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.diagnosis.causes import CAUSES
from checks.registry import CHECKS
from tests.bot.runbooks.situations import ALL_VERBS, incident

DOCS = Path(__file__).parents[3] / "docs" / "runbooks.md"
EVERY = pytest.mark.parametrize("runbook", RUNBOOKS.values(), ids=lambda runbook: runbook.name)
PLACEHOLDER = re.compile(r"<[A-Za-z_-]+>|\b(NODE|IFACE|INTERFACE|POD|NAMESPACE|ADDRESS|VMNAME)\b|\{[a-z_]+\}")
"""What commands look like when something was not filled in."""
HEADINGS = ["What it does", "When", "Steps", "Choices", "Rollback", "Examples", "Limits"]
CODES = {code.name: code for check in CHECKS.values() for code in check.codes}


def situations(runbook: Runbook) -> list[Situation]:
    """The incident, with people alone and with an operator that can do everything."""
    choices: dict[str, Any] = {"addresses": "10.250.0.100-10.250.0.120"} if runbook.name == "create-pool" else {}
    if runbook.name == "vmxnet3-to-e1000e":
        choices = {"api_outage": True}
    return [incident(verbs=verbs, **choices) for verbs in (frozenset[str](), ALL_VERBS)]


def plans(runbook: Runbook) -> list[Plan]:
    """Its plans for those."""
    return [runbook.plan(given) for given in situations(runbook)]


def forms(step: Step) -> tuple[Form, ...]:
    """All ways of doing and undoing a step."""
    return (*step.forms, *(step.undo.forms if step.undo else ()))


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_has_a_runbook(cause: str) -> None:
    """A verdict without a way to a fix would be half an answer."""
    assert cures(cause)


@EVERY
def test_its_readme_has_the_fixed_headings(runbook: Runbook) -> None:
    """`/netcheck help RUNBOOK` shows it; only one that leaves choices to people has a chapter about them."""
    text = page(runbook.name)
    found = re.findall(r"^## (.*)$", text, re.MULTILINE)

    assert f"# {runbook.name}" == text.splitlines()[0]
    assert [heading for heading in HEADINGS if heading in found or heading != "Choices"] == found


@EVERY
def test_its_examples_are_understood(runbook: Runbook) -> None:
    """What is shown can be typed."""
    shown = [line for line in page(runbook.name).splitlines() if line.startswith("netcheck ")]

    assert shown
    assert {runbook.name} == {understand(Line.typed(line, tuple)).subject for line in shown}


@EVERY
def test_its_plans_leave_nothing_to_fill_in(runbook: Runbook) -> None:
    """Commands have this node, adapter, MAC address and pod in them."""
    for plan in plans(runbook):
        lines = [line for step in plan.steps for form in forms(step) for line in form.lines]
        assert [] == [line for line in lines if PLACEHOLDER.search(line)]


@EVERY
def test_its_steps_expect_what_checks_declare(runbook: Runbook) -> None:
    """Every finding that is expected exists, with outcomes that it can have."""
    for plan in plans(runbook):
        for step in plan.steps:
            expected = [*step.precondition, *step.verification, *(step.undo.verification if step.undo else ())]
            assert [] == [e for e in expected if not set(e.outcomes) <= set(CODES[e.code].words)]


@EVERY
def test_its_steps_say_who_acts_and_who_approves(runbook: Runbook) -> None:
    """The operator acts on an approval alone, a person is told how, and where nobody acts something is looked for."""
    for plan in plans(runbook):
        for step in plan.steps:
            operated = step.operation is not None and plan.needs(step.unit) is not Approval.NONE and bool(step.unit)
            told = step.operation is None and bool(step.forms)
            looked = step.operation is None and (bool(step.verification) or step.asks)
            assert {Hand.OPERATOR: operated, Hand.PERSON: told, Hand.NOBODY: looked}[step.hand], step.name


@EVERY
def test_its_steps_can_be_told_apart(runbook: Runbook) -> None:
    """The audit record and programs know a step by its name and node."""
    for plan in plans(runbook):
        names = [(step.name, step.node) for step in plan.steps]
        assert len(set(names)) == len(names)


@EVERY
def test_it_is_in_the_documentation(runbook: Runbook) -> None:
    """With what it cures."""
    causes = ", ".join(f"`{cause}`" for cause in runbook.cures)
    assert f"| `{runbook.name}` | {runbook.title} | {causes} |" in DOCS.read_text(encoding="utf-8").splitlines()


def test_the_documentation_draws_the_table_of_states() -> None:
    """The picture is made from the table that acts."""
    assert f"```mermaid\n{drawn()}```" in DOCS.read_text(encoding="utf-8")


def test_the_least_disruptive_fix_comes_first() -> None:
    """For the founding incident: switch the offload off, then e1000e."""
    assert ["offload-off", "vmxnet3-to-e1000e"] == [runbook.name for runbook in cures("vmxnet3-tunnel-offload")]
