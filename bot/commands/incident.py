"""`incident`: open one, look at it, decide its next step, hand it over, close it, take its report along."""

import re
from collections.abc import Callable, Mapping

from bot.access.policy import not_approvable
from bot.access.requester import Requester
from bot.access.verb import Verb
from bot.commands.answer import Answer, Entry, File, IncidentPage, Item, Name, Outcome, Page
from bot.commands.command import Command, Errand
from bot.commands.grammar import Asked, Line
from bot.commands.opening import diagnosed, opened, shown, verdict_of
from bot.errors import UsageError
from bot.incidents.decisions import APPROVE, DECISIONS, Said, decided, heard
from bot.incidents.documents import incident_json
from bot.incidents.incidents import Incidents, noted
from bot.incidents.model import INCIDENT, Incident, Sort
from bot.incidents.rediagnosis import asked
from bot.incidents.report import post_incident_report
from bot.incidents.roles import ROLES, given
from bot.language import ENGLISH
from bot.messages.messages import MessageState
from bot.messages.where import Where
from bot.pictures.timeline import timeline_of
from bot.runbooks.machine import Event
from bot.runbooks.model import Approval
from checks.text import say

_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|([^>]*))?>")
_NUMBER = re.compile(r"[0-9]{1,9}")
ASSIGN = "assign"
"""The word with which an incident gets another owner."""
PLAN, REVISION = "plan", "revision"
"""The parameters with which a button says for which plan of the incident it was shown, and at which state of it."""


def _parse(line: Line) -> Asked:
    said = line.said()
    line.no_more(said.nodes)
    verb = said.words[0].lower() if said.words else "list"
    if verb not in _ACTS:
        raise UsageError(
            f"An incident cannot {verb[:40]!r}.", hint=f"One of {', '.join(_ACTS)}:", command="help incident"
        )
    seen = {key: value for key, value in said.pairs.items() if key in (PLAN, REVISION) and _NUMBER.fullmatch(value)}
    line.no_more(said.pairs.keys() - seen.keys())
    return Asked(command="incident", subject=" ".join((verb, *said.words[1:])), parameters=seen, cluster=said.cluster)


def _act(errand: Errand) -> Outcome:
    verb, *rest = errand.asked.subject.split()
    return _ACTS[verb](errand, rest)


def _verb(asked: Asked) -> Verb:
    """Whoever decides about a plan needs the right to fix; whose word an approval takes depends on the step."""
    word = asked.subject.split()[0]
    return Verb.REMEDIATE if word in DECISIONS and word != APPROVE else Verb.INCIDENT


def _open(errand: Errand, rest: list[str]) -> Outcome:
    run = diagnosed(errand)
    about = verdict_of(run) or "unknown"
    incident = opened(errand, about, run)
    if rest:
        text = say("{words}", words=" ".join(rest)[:500])
        by, act = errand.caller.by, errand.caller.trigger
        _incidents(errand).change(
            incident.id,
            lambda seen, now: seen if heard(seen, act) else noted(seen, now, Sort.DECISION, text, by=by, act=act),
        )
    return shown(errand, incident)


def _list(errand: Errand, rest: list[str]) -> Outcome:
    _no_more(rest)
    found = _incidents(errand).recent()
    items: list[Item] = [
        Entry((Name(i.id), f" {i.state}: {ENGLISH.words(i.title)}, owner {i.owner.name or 'nobody'}")) for i in found
    ]
    title = f"Incidents of {errand.target.cluster}" if found else f"There is no incident in {errand.target.cluster}."
    return Answer(title, tuple(items), [incident_json(incident) for incident in found])


def _show(errand: Errand, rest: list[str]) -> Outcome:
    incident = _found(errand, rest)
    items, picture = (IncidentPage(incident),), timeline_of(incident)
    return Answer(f"Incident {incident.id}", items, incident_json(incident), picture=picture)


def _export(errand: Errand, rest: list[str]) -> Outcome:
    incident = _found(errand, rest)
    text = post_incident_report(incident)
    title = f"Report of the incident {incident.id}"
    state = MessageState(errand.runs.client, errand.runs.keys, INCIDENT.name, incident.id)
    thread = (state.where.thread or state.posted()) if state.where else ""
    where = Where(state.where.channel, thread) if state.where and thread else None
    where = Where(incident.room) if incident.room else where
    file = File(f"incident-{incident.id}.md", title, text, where)
    return Answer(title, (Page(text),), {"incident": incident.id, "markdown": text}, file=file)


def _diagnose(errand: Errand, rest: list[str]) -> Outcome:
    incident = _found(errand, rest)
    by, act = errand.caller.by, errand.caller.trigger
    outcome = shown(errand, incident, its_own=True)

    def looked_at(seen: Incident, now: float) -> Incident:
        if not seen.open:
            raise UsageError("This incident is closed.", hint="Diagnose the cluster as it is now:", command="diagnose")
        return seen if heard(seen, act) else asked(seen, by, now, act)

    _incidents(errand).change(incident.id, looked_at)
    return outcome


def _role(name: str) -> Callable[[Errand, list[str]], Outcome]:
    def give(errand: Errand, rest: list[str]) -> Outcome:
        if not rest:
            raise UsageError("To whom?", hint="For example:", command=f"incident {name} 7f3a @somebody")
        incident = _found(errand, rest[:-1])
        who, by = _person(rest[-1], errand), errand.caller.by
        role = ROLES["owner" if name == ASSIGN else name]
        _incidents(errand).change(incident.id, lambda seen, now: given(seen, role, who, by, now))
        return Answer(f"{ENGLISH.words(role.told(who.name))}.", in_message=True)

    return give


def _person(word: str, errand: Errand) -> Requester:
    """Slack writes a mention as `<@U012|name>`; on the command line a name is a name."""
    by = errand.caller.by
    if word == "me":
        return by
    if mentioned := _USER.fullmatch(word):
        user, name = mentioned.groups()
        return Requester(name=name or user, user=user, team=by.team, enterprise=by.enterprise)
    name = word.lstrip("@")
    if not name or word.startswith("<"):
        raise UsageError(f"{word[:40]!r} is nobody.", hint="For example:", command="incident assign 7f3a @somebody")
    return Requester(name=name[:80])


def _close(errand: Errand, rest: list[str]) -> Outcome:
    incident = _found(errand, rest)
    if incident.execution is not None and not incident.execution.ended:
        raise UsageError("A plan is on its way in it.", hint="Stop that first:", command=f"incident stop {incident.id}")
    _incidents(errand).close(incident, errand.caller.by)
    return Answer(f"The incident {incident.id} is closed.", in_message=True)


def _decision(word: str) -> Callable[[Errand, list[str]], Outcome]:
    def decide(errand: Errand, rest: list[str]) -> Outcome:
        caller = errand.caller
        said = Said(
            word,
            caller.by,
            caller.where.channel if caller.where else "",
            plan=int(errand.asked.parameters.get(PLAN, 0)),
            revision=int(errand.asked.parameters.get(REVISION, 0)),
            act=caller.trigger,
        )

        def after(seen: Incident, now: float) -> Incident:
            if word == APPROVE and not heard(seen, said.act):
                _may_approve(errand, seen)
            return decided(seen, said, now)

        incident = _found(errand, rest)
        if word == APPROVE and not said.revision:
            raise _of_what(incident)
        # First, because a copy of its message that was pressed has to follow also where the word is refused.
        outcome = shown(errand, incident, its_own=True)
        _incidents(errand).change(incident.id, after)
        return outcome

    return decide


def _of_what(incident: Incident) -> UsageError:
    """Who types an approval says for what, as a button does: it may have moved on since they looked."""
    execution = incident.execution
    if execution is None or execution.operation is None or not execution.may(Event.GO):
        return UsageError(
            "Nothing there waits for an approval.", hint="How it stands:", command=f"incident show {incident.id}"
        )
    units = execution.plan.unit(execution.step.unit) if execution.plan and execution.step else ()
    steps = "; ".join(ENGLISH.words(step.title) for step in units)
    return UsageError(
        f"An approval is for what was shown: {steps}.",
        hint="For just that:",
        command=f"incident {APPROVE} {incident.id} {PLAN}={execution.number} {REVISION}={execution.revision}",
    )


def _may_approve(errand: Errand, incident: Incident) -> None:
    """Where two people are needed, the second one; else whoever may fix.

    Raises:
        NotPermitted: not this one; says whom to ask.
    """
    execution, by = incident.execution, errand.caller.by
    channel = errand.caller.where.channel if errand.caller.where else ""
    if execution is None:
        return
    refusal = errand.policy.refused(Verb.REMEDIATE, by, channel, incident.cluster)
    if execution.needs is Approval.SECOND:
        refusal = not_approvable(errand.policy, execution.by, by, incident.cluster, channel)
    if refusal is not None:
        raise refusal


_ACTS: Mapping[str, Callable[[Errand, list[str]], Outcome]] = {
    "open": _open,
    "list": _list,
    "show": _show,
    "diagnose": _diagnose,
    ASSIGN: _role(ASSIGN),
    "approver": _role("approver"),
    "close": _close,
    "export": _export,
    **{word: _decision(word) for word in DECISIONS},
}


def _incidents(errand: Errand) -> Incidents:
    return Incidents(errand.runs.client, errand.target.cluster)


def _found(errand: Errand, rest: list[str]) -> Incident:
    _no_more(rest[1:])
    return _incidents(errand).find(rest[0] if rest else "")


def _no_more(rest: list[str]) -> None:
    if rest:
        raise UsageError(
            f"{rest[0][:40]!r} is not understood here.", hint="How it is written:", command="help incident"
        )


COMMAND = Command(
    name="incident",
    usage="incident open|list|show|diagnose|assign|approver|close|export|"
    + "|".join(DECISIONS)
    + " [INCIDENT] [in CLUSTER]",
    meaning="Look after an incident, and decide the next step of its plan.",
    example="incident show",
    verb=_verb,
    parse=_parse,
    act=_act,
)
