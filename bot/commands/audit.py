"""`audit`: whether the record of what people did is as it was written, and what is in it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from bot.access.audit import Audit, Recorded
from bot.access.chain import Breach, Break, Link, Verified
from bot.access.verb import Verb
from bot.commands.answer import Answer, Entry, Item, Mark, Name, Paragraph, Text
from bot.commands.command import Command, Errand
from bot.commands.grammar import Asked, Line
from bot.commands.moment import since
from bot.errors import UsageError
from bot.names import choice, nearest, short

SHOWN = 50
"""Acts that are shown in words; the command line gives all of them to programs."""
BROKEN = 1
"""The exit code of a record that is not as it was written."""
_BREAKS = 20
_PARAMETERS = {"verify": "known", "export": "since"}
"""What can be asked for, and the one parameter of each."""
_KNOWN = re.compile(r"(\d{1,15}-\d{1,10}):([0-9a-f]{40})")
_CHARACTERS = 120


def _parse(line: Line) -> Asked:
    said = line.said()
    what = said.words[0].lower() if said.words else "verify"
    if what not in _PARAMETERS:
        close = nearest(what, list(_PARAMETERS))
        raise UsageError(
            f"There is no audit {short(what)!r}.",
            hint="Did you mean this?" if close else choice(list(_PARAMETERS)),
            command=f"audit {close}" if close else "",
        )
    line.no_more(said.words[1:], (key for key in said.pairs if key != _PARAMETERS[what]), said.nodes)
    if "since" in said.pairs:
        _since(said.pairs["since"], 0.0)
    if "known" in said.pairs:
        _known(said.pairs["known"])
    return Asked(command="audit", subject=what, parameters=dict(said.pairs), cluster=said.cluster)


def _since(text: str, now: float) -> float:
    return since(text, now, "audit export since=7d")


def _known(text: str) -> tuple[str, str]:
    """An entry and the chain value that it had once.

    Raises:
        UsageError: it is none.
    """
    match = _KNOWN.fullmatch(text)
    if match is None:
        raise UsageError(
            f"{short(text)!r} is no entry with its chain value.",
            hint="Write known=ENTRY:VALUE as an earlier one said it:",
            command="audit verify",
        )
    return match[1], match[2]


def _verb(asked: Asked) -> Verb:
    """Whoever may look may know that the record is whole; what others did is for those who look after netcheck."""
    return Verb.ADMINISTER if asked.subject == "export" else Verb.DIAGNOSE


def _act(errand: Errand) -> Answer:
    audit = Audit(errand.means().clusters.client, errand.target.cluster)
    parameters = errand.asked.parameters
    if errand.asked.subject == "export":
        since = parameters.get("since")
        return _export(audit, errand, max(_since(since, errand.means().clusters.now()), 0.0) if since else 0.0)
    known = parameters.get("known")
    return verdict(audit.verify(_known(known) if known else None))


def verdict(verified: Verified) -> Answer:
    """What is said about a record that was looked at."""
    of = f"The audit record of {verified.cluster}"
    if verified.first is None or verified.last is None:
        title = f"{of} is empty." if verified.whole else f"{of} is not as it was written."
    else:
        title = f"{of} is {'whole' if verified.whole else 'not as it was written'}"
    items = [*_span(verified), *(_break(each) for each in verified.breaks[:_BREAKS])]
    if len(verified.breaks) > _BREAKS:
        items.append(Entry((f"{len(verified.breaks) - _BREAKS} more places are broken.",), Mark.WARNING))
    data = msgspec.to_builtins(verified)
    return Answer(title, tuple(items), data, exit_code=0 if verified.whole else BROKEN)


def _span(verified: Verified) -> Iterator[Item]:
    if verified.first is None or verified.last is None:
        return
    mark = Mark.WELL if verified.whole else Mark.POINT
    yield Entry((f"{verified.entries} entries, from ", *_link(verified.first), " on"), mark)
    if verified.first.number > 1 and all(each.what != Breach.BEGINNING for each in verified.breaks):
        yield Entry((f"{verified.first.number - 1} older ones are no longer kept, as it should be.",))
    if verified.older:
        yield Entry((f"{verified.older} are older than the chain, and cannot be verified.",))
    known = f"{verified.last.entry}:{verified.last.chain}"
    yield Entry(
        (
            "The last is ",
            *_link(verified.last),
            "; noted elsewhere, this tells later that it still is: ",
            Name(f"known={known}"),
        )
    )


def _link(link: Link) -> Text:
    return (f"number {link.number}, ", Name(link.entry), f" ({_moment(link.at)})")


def _break(broken: Break) -> Entry:
    after: Text = (" after ", Name(broken.after)) if broken.after else ()
    gone = f"{broken.missing} {'entry is' if broken.missing == 1 else 'entries are'} gone"
    words = {
        Breach.CHANGED: " is not as it was written",
        Breach.MISSING: f": {gone} before it" if broken.missing else ": it is not where it was written",
        Breach.FOREIGN: " has no chain value: another version of netcheck wrote it, or somebody else did",
        Breach.BEGINNING: f": {gone} before it, although so few are left that nothing was trimmed",
        Breach.END: f": {gone} from the end, this one the last"
        if broken.missing
        else ": where the record ends is not known",
        Breach.REWRITTEN: " is not there with the chain value that was noted",
    }
    return Entry((Name(broken.entry), f" ({_moment(broken.at)})", *after, f"{words[broken.what]}."), Mark.WARNING)


def _export(audit: Audit, errand: Errand, since: float) -> Answer:
    cluster = errand.target.cluster
    acts = [recorded for recorded in audit.read(SHOWN) if recorded.at >= since]
    items: list[Item] = [Entry(_words(recorded)) for recorded in acts] or [Entry(("None.",))]
    whole = Name(f"netcheck {msgspec.structs.replace(errand.asked, cluster=cluster).line}")
    items.append(Paragraph((f"These are the last {SHOWN} at most. On the command line ", whole, " gives all of them.")))
    return Answer(f"Acts in {cluster}", tuple(items), lines=_rows(audit, since))


def _words(recorded: Recorded) -> Text:
    act = recorded.act
    where: Text = (" in ", Name(act.where.channel)) if act.where else ()
    outcome = recorded.outcome or "no outcome"
    detail = f": {_line(recorded.detail)}" if recorded.detail else ""
    by = act.by.name or act.by.user
    return (f"{_moment(recorded.at)} {by} ", Name(_line(act.line)), *where, f" — {outcome}{detail}")


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _CHARACTERS else f"{line[: _CHARACTERS - 1]}…"


def _rows(audit: Audit, since: float) -> Iterator[dict[str, Any]]:
    """Every act; nothing is read before the first is asked for."""
    for recorded in audit.since(since):
        yield row_of(recorded)


def row_of(recorded: Recorded) -> dict[str, Any]:
    """An act for programs; every field is always there."""
    act = recorded.act
    return {
        "entry": recorded.entry,
        "at": datetime.fromtimestamp(recorded.at, UTC).isoformat(timespec="milliseconds"),
        "by": {"name": act.by.name, "user": act.by.user, "team": act.by.team, "enterprise": act.by.enterprise},
        "surface": act.surface,
        "channel": act.where.channel if act.where else "",
        "thread": act.where.thread if act.where else "",
        "cluster": act.cluster,
        "command": act.command,
        "verb": str(act.verb),
        "line": act.line,
        "nodes": list(act.nodes),
        "outcome": recorded.outcome,
        "detail": recorded.detail,
        "chain": recorded.chain,
    }


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


COMMAND = Command(
    name="audit",
    usage="audit [verify|export] [since=TIME] [in CLUSTER]",
    meaning="Tell whether the record of who did what is whole, or give it.",
    example="audit verify",
    parse=_parse,
    verb=_verb,
    act=_act,
)
