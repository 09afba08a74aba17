"""What a preflight says on every surface: practices instead of findings."""

from typing import Any

import msgspec
import pytest

from bot.cli.documents import run_json
from bot.commands.grammar import Asked, Line
from bot.commands.registry import understand
from bot.errors import UsageError
from bot.language import ENGLISH
from bot.runs.model import PREFLIGHT, Run
from bot.runs.outline import outline
from checks.diagnosis.evidence import declared_codes
from checks.finding import Finding, Seen
from checks.place import Node
from checks.readiness import PRACTICES
from checks.report import Report
from checks.text import say
from handlers.views.run import run_message
from tests.checks.diagnosis.worlds import healthy_findings
from tests.handlers.reports import ended, report

RISING = declared_codes()["nic.errors"].found(say("Errors rise on w1."), [Seen(Node("w1"), "rising")])
PROXY = declared_codes()["apiserver.proxy"].found(say("No proxy."), [Seen(Node("cp"), "pass")])
UNSEEN = declared_codes()["nic.mtu"].unseen(say("No MTU could be read."))


def preflight(*changed: Finding) -> Run:
    """A preflight of a sound cluster with these findings instead of its own."""
    codes = {finding.code for finding in changed}
    findings = [*(f for f in healthy_findings() if f.code not in {*codes, PROXY.code}), PROXY, *changed]
    run = ended(report(*findings))
    return msgspec.structs.replace(run, request=msgspec.structs.replace(run.request, command=PREFLIGHT))


@pytest.mark.parametrize(
    ("changed", "heading", "code"),
    [
        ((), "Ready: all 11 practices are met", 0),
        ((RISING,), "Not ready: 1 of 11 practices are not met", 1),
        ((UNSEEN,), "Could not look at 1 of 11 practices", 3),
        ((UNSEEN, RISING), "Not ready: 1 of 11 practices are not met", 1),
    ],
)
def test_the_headline_and_the_exit_code(changed: tuple[Finding, ...], heading: str, code: int) -> None:
    """A fault counts more than what nobody saw."""
    told = outline(preflight(*changed))

    assert (heading, code) == (ENGLISH.words(told.heading.text), told.exit_code)


def test_what_is_not_met_leads_with_where_and_what_to_do() -> None:
    """The others are for whoever wants to know more."""
    told = outline(preflight(RISING))
    (line,) = told.first[0].lines

    assert ("adapters", "Not met") == (line.code, ENGLISH.words(line.sign.word) if line.sign else "")
    assert ["Errors rise on w1.", "Where: w1"] == [ENGLISH.words(text) for text in line.evidence[:2]]
    assert ENGLISH.words(line.evidence[2]).startswith("VMXNET3: switch its tunnel offload off")
    assert len(PRACTICES) - 1 == sum(len(block.lines) for block in told.rest)


def test_no_cause_is_weighed() -> None:
    """It asks whether a cluster is ready, not what is broken."""
    assert isinstance(preflight(RISING).report, Report)
    assert "verdict" not in run_json(preflight(RISING))


def test_json_has_every_practice() -> None:
    """Beside the findings that tell of them."""
    practices: list[dict[str, Any]] = run_json(preflight(RISING))["practices"]

    assert [practice.name for practice in PRACTICES] == [practice["name"] for practice in practices]
    first = practices[0]
    assert ("not-met", ["nic.errors"], ["w1"]) == (first["state"], first["findings"], first["where"])
    assert ("met", [], "") == (practices[1]["state"], practices[1]["findings"], practices[1]["do"])


def test_slack_shows_the_same() -> None:
    """One message, the practices that are not met first."""
    shown = msgspec.json.encode(run_message(preflight(RISING))).decode()

    assert "Not ready: 1 of 11 practices are not met" in shown
    assert "Errors rise on w1." in shown


def test_it_takes_what_the_soak_of_ipv6_takes() -> None:
    """And nothing else."""
    assert Asked(command=PREFLIGHT, parameters={"timeout_s": 2.0}, cluster="prod") == understand(
        Line.typed("preflight timeout_s=2 in prod", lambda: ("prod",))
    )
    with pytest.raises(UsageError, match="ipv6 has no parameter 'timeout'"):
        understand(Line.typed("preflight timeout=2", tuple))
