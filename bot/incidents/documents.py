"""What `--json` prints of a plan and of an incident. Every field of an object is always there."""

from typing import Any

import msgspec

from bot.incidents.model import Incident
from bot.language import ENGLISH, Language
from bot.runbooks.execution import Execution
from bot.runbooks.model import Form, Plan, Step
from checks.text import Text


def plan_json(plan: Plan, language: Language = ENGLISH) -> dict[str, Any]:
    """A plan: what speaks against it, and every step whole."""
    return {
        "runbook": plan.runbook,
        "title": language.words(plan.title),
        "nodes": list(plan.nodes),
        "refusals": [language.words(text) for text in plan.refusals],
        "warnings": [language.words(text) for text in plan.warnings],
        "override": language.words(plan.override) if plan.override else "",
        "steps": [_step(step, language) for step in plan.steps],
    }


def _step(step: Step, language: Language) -> dict[str, Any]:
    undo = step.undo
    return {
        "name": step.name,
        "node": step.node,
        "title": language.words(step.title),
        "by": str(step.hand),
        "why": [language.words(text) for text in step.why],
        "precondition": [language.words(each.text) for each in step.precondition],
        "commands": _forms(step.forms, language),
        "operation": msgspec.to_builtins(step.operation) if step.operation else None,
        "verification": [language.words(each.text) for each in step.verification],
        "rollback": {"title": language.words(undo.title), "commands": _forms(undo.forms, language)} if undo else None,
        "approval": str(step.approval),
    }


def _forms(forms: tuple[Form, ...], language: Language) -> list[dict[str, Any]]:
    return [{"where": language.words(form.title), "lines": list(form.lines)} for form in forms]


def incident_json(incident: Incident, language: Language = ENGLISH) -> dict[str, Any]:
    """An incident with its timeline."""
    return {
        "incident": incident.id,
        "cluster": incident.cluster,
        "state": incident.state,
        "about": incident.about,
        "title": language.words(incident.title),
        "severity": incident.severity,
        "opened_by": incident.opened_by.name,
        "opened_at": incident.opened_at,
        "owner": incident.owner.name,
        "approver": incident.approver.name,
        "run": incident.run,
        "latest": language.words(incident.latest) if incident.latest else "",
        "execution": _execution(incident.execution, language) if incident.execution else None,
        "timeline": [
            {
                "at": entry.at,
                "sort": str(entry.sort),
                "by": entry.by.name,
                "what": language.words(entry.what),
                "details": _words(entry.details, language),
            }
            for entry in incident.timeline
        ],
    }


def _execution(execution: Execution, language: Language) -> dict[str, Any]:
    step = execution.step
    return {
        "id": execution.id,
        "runbook": execution.runbook,
        "state": str(execution.state),
        "revision": execution.revision,
        "paused": execution.paused,
        "by": execution.by.name,
        "step": _step(step, language) | {"number": execution.index + 1} if step else None,
        "notes": _words(execution.notes, language),
        "plan": plan_json(execution.plan, language) if execution.plan else None,
    }


def _words(texts: tuple[Text, ...], language: Language) -> list[str]:
    return [language.words(text) for text in texts]
