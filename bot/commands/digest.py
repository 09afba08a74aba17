"""`digest`: who hears of a cluster's network when, without asking."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from bot.access.verb import Verb
from bot.commands.answer import Answer, Channel, Entry, Item, Name, Outcome, Piece
from bot.commands.command import Command, Errand
from bot.commands.grammar import Asked, Line
from bot.digests.digests import Digests
from bot.digests.model import Definition, When
from bot.digests.schedule import SHOWN, schedule
from bot.errors import UsageError
from bot.messages.where import Where
from bot.names import nearest, short
from bot.runs.requests import new_id
from checks.registry import CHECKS

ADD, LIST = "add", "list"
FORM = "form"
"""What no word asks for: a form where one can open, else the list."""
_CHANNEL = re.compile(r"<#([CG][A-Z0-9]+)(?:\|[^>]*)?>|([CGD][A-Z0-9]{2,})")
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>|<!subteam\^(S[A-Z0-9]+)(?:\|[^>]*)?>|([UWS][A-Z0-9]{2,})")
_HOURS = re.compile(r"(\d{1,4})(h|d)")
_KEYS = ("zone", "channel", "checks", "when", "mention", "watch")
_EXAMPLE = 'digest add "0 9 * * mon-fri" zone=Europe/Berlin'


def _parse(line: Line) -> Asked:
    said = line.said()
    line.no_more(said.nodes)
    if not said.words:
        line.no_more(said.pairs)
        return Asked(command="digest", subject=FORM, cluster=said.cluster)
    verb = said.words[0].lower()
    if verb not in _ACTS or verb == FORM:
        raise UsageError(f"A digest cannot {verb[:40]!r}.", hint=f"One of {', '.join(_SAID)}:", command="help digest")
    if verb != ADD:
        line.no_more(said.pairs, said.words[3:] if verb == "mute" else said.words[2:])
    elif len(said.words) < 2:  # noqa: PLR2004 - add and when
        raise UsageError("When?", hint="A preset or cron in quotes, for example:", command=_EXAMPLE)
    unknown = [key for key in said.pairs if key not in _KEYS]
    if unknown:
        near = nearest(unknown[0], list(_KEYS))
        raise UsageError(
            f"A digest has no {unknown[0]!r}.",
            hint=f"Did you mean {near}?" if near else f"It takes {', '.join(_KEYS)}.",
            command="help digest",
        )
    # Cron that nobody has quoted comes as five words.
    rest = [" ".join(said.words[1:])] if verb == ADD else said.words[1:]
    return Asked(command="digest", subject=" ".join((verb, *rest)), parameters=said.pairs, cluster=said.cluster)


def _act(errand: Errand) -> Outcome:
    verb, _, rest = errand.asked.subject.partition(" ")
    return _ACTS[verb](errand, rest)


def _add(errand: Errand, rest: str) -> Outcome:
    definition = defined(errand, rest)
    digests = Digests(errand.runs)
    digests.definitions.add(definition)
    return _told(f"The digest {definition.id} is made.", definition, errand)


def defined(errand: Errand, cron: str) -> Definition:
    """The definition that was asked for.

    Raises:
        UsageError: something of it does not fit; says what is right.
    """
    pairs: Mapping[str, Any] = errand.asked.parameters
    when = str(pairs.get("when", When.ALWAYS)).lower()
    if when not in list(When):
        raise UsageError(f"when cannot be {short(when)!r}.", hint=f"It is one of {', '.join(When)}.")
    return Definition(
        id=new_id(f"digest {errand.caller.trigger}" if errand.caller.trigger else ""),
        cluster=errand.target.cluster,
        where=_where(errand, str(pairs.get("channel", ""))),
        schedule=schedule(cron, str(pairs.get("zone", "UTC"))),
        checks=_checks(str(pairs.get("checks", ""))),
        when=When(when),
        watch_s=_watch(str(pairs.get("watch", "10"))),
        mention=_mentions(str(pairs.get("mention", ""))),
        owner=errand.caller.by,
        created_at=errand.means().clusters.now(),
    )


def _where(errand: Errand, channel: str) -> Where:
    if channel:
        found = _CHANNEL.fullmatch(channel)
        if found is None:
            raise UsageError(
                f"{short(channel)!r} is no channel of Slack's.",
                hint="Choose it with # in Slack, or give its id, which stands at the end of its details: C012AB3CD.",
            )
        return Where(found[1] or found[2])
    if errand.caller.where is None:
        raise UsageError("In which channel?", hint="For example:", command=f"{_EXAMPLE} channel=C012AB3CD")
    return Where(errand.caller.where.channel)


def _checks(words: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(word for word in words.lower().split(",") if word))
    for word in chosen:
        if word not in CHECKS:
            near = nearest(word, list(CHECKS))
            hint = f"Did you mean {near}?" if near else f"There are {', '.join(CHECKS)}."
            raise UsageError(f"There is no check {short(word)!r}.", hint=hint)
    return chosen


def _watch(minutes: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", minutes):
        raise UsageError(f"watch cannot be {short(minutes)!r}.", hint="It takes minutes; 0: nobody looks in between.")
    return 60 * int(minutes)


def _mentions(words: str) -> tuple[str, ...]:
    chosen = []
    for word in (word for word in words.split(",") if word):
        found = _MENTION.fullmatch(word)
        if found is None:
            raise UsageError(f"{short(word)!r} is nobody.", hint="Write @somebody or @a-group.")
        chosen.append(next(part for part in found.groups() if part))
    return tuple(dict.fromkeys(chosen))


def _list(errand: Errand, _: str) -> Outcome:
    digests = Digests(errand.runs)
    found = list(digests.definitions.all().values())
    if not found:
        title = f"{errand.target.cluster} has no digest."
        return Answer(title, (Entry(("One is made so: ", Name(_EXAMPLE))),), [])
    now = errand.means().clusters.now()
    items: list[Item] = [Entry((Name(each.id), " ", *_line(each, now))) for each in found]
    return Answer(f"Digests of {errand.target.cluster}", tuple(items), [digest_json(each, now) for each in found])


class Unsaid(UsageError):  # noqa: N818 - it is a question, not an accident
    """A digest is to be made, and nothing was said of it yet."""

    def __init__(self, cluster: str) -> None:
        super().__init__("A digest of what, when and where?", hint="For example:", command=_EXAMPLE)
        self.cluster = cluster


def _form(errand: Errand, rest: str) -> Outcome:
    by, where = errand.caller.by, errand.caller.where
    if where is None:
        return _list(errand, rest)
    if refusal := errand.policy.refused(Verb.DIGEST, by, where.channel, errand.target.cluster):
        raise refusal
    raise Unsaid(errand.target.cluster)


def _now(errand: Errand, rest: str) -> Outcome:
    digests = Digests(errand.runs)
    definition = digests.definitions.find(rest)
    digests.fire(definition, errand.means().clusters.now(), asked=new_id(errand.caller.trigger))
    return Answer(f"The digest {definition.id} is on its way to its channel.", data={"digest": definition.id})


def _changing(said: str, change: Callable[[Definition], Definition]) -> Callable[[Errand, str], Outcome]:
    def act(errand: Errand, rest: str) -> Outcome:
        definitions = Digests(errand.runs).definitions
        changed = definitions.change(definitions.find(rest).id, change)
        if changed is None:
            raise UsageError("It was removed meanwhile.", hint="These there are:", command="digest list")
        return _told(said.format(id=changed.id), changed, errand)

    return act


def _remove(errand: Errand, rest: str) -> Outcome:
    definitions = Digests(errand.runs).definitions
    definition = definitions.find(rest)
    definitions.remove(definition.id)
    return Answer(f"The digest {definition.id} is removed.", data={"digest": definition.id})


def _mute(errand: Errand, rest: str) -> Outcome:
    name, _, long = rest.rpartition(" ")
    found = _HOURS.fullmatch(long)
    if found is None:
        raise UsageError("For how long?", hint="In hours or days, for example:", command="digest mute 7f3a 8h")
    hours = int(found[1]) * (24 if found[2] == "d" else 1)
    until = errand.means().clusters.now() + 3600 * hours
    return _changing(
        f"The digest {{id}} says nothing for {hours} h.", lambda seen: msgspec.structs.replace(seen, muted_until=until)
    )(errand, name)


def _resume(errand: Errand, rest: str) -> Outcome:
    now = errand.means().clusters.now()

    def resumed(seen: Definition) -> Definition:
        since = now if seen.paused else seen.resumed_at
        return msgspec.structs.replace(seen, paused="", muted_until=0.0, resumed_at=since)

    return _changing("The digest {id} goes on.", resumed)(errand, rest)


def _told(title: str, definition: Definition, errand: Errand) -> Answer:
    now = errand.means().clusters.now()
    items: list[Item] = [Entry(tuple(_line(definition, now)))]
    items += [Entry((shown_time(at, definition.schedule.zone),)) for at in definition.schedule.next(now, SHOWN)]
    items.append(Entry(("The bot has to be in the channel: ", Name("/invite @netcheck"))))
    return Answer(title, tuple(items), digest_json(definition, now))


def _line(definition: Definition, now: float) -> Iterator[Piece]:
    checks = ", ".join(definition.checks) or "a whole diagnosis"
    yield f"{definition.schedule.cron} {definition.schedule.zone}, {checks}, {definition.when}, in "
    yield Channel(definition.where.channel)
    yield f", by {definition.owner.name}"
    upcoming = definition.schedule.next(now)
    if definition.paused:
        yield f"; paused: {definition.paused}"
    elif definition.muted_until > now:
        yield f"; muted until {shown_time(definition.muted_until, definition.schedule.zone)}"
    elif upcoming:
        yield f"; next: {shown_time(upcoming[0], definition.schedule.zone)}"


def shown_time(at: float, zone: str) -> str:
    """A time in a digest's own zone."""
    return datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M %Z")


def digest_json(definition: Definition, now: float) -> dict[str, Any]:
    """A definition for programs; times are Unix seconds."""
    return {
        "digest": definition.id,
        "cluster": definition.cluster,
        "channel": definition.where.channel,
        "cron": definition.schedule.cron,
        "zone": definition.schedule.zone,
        "checks": list(definition.checks),
        "when": str(definition.when),
        "mention": list(definition.mention),
        "watch_s": definition.watch_s,
        "owner": definition.owner.name,
        "paused": definition.paused,
        "muted_until": definition.muted_until,
        "next": [] if definition.paused else definition.schedule.next(now, SHOWN),
    }


_ACTS: Mapping[str, Callable[[Errand, str], Outcome]] = {
    ADD: _add,
    LIST: _list,
    FORM: _form,
    "pause": _changing(
        "The digest {id} is paused.", lambda seen: msgspec.structs.replace(seen, paused=seen.paused or "by hand")
    ),
    "resume": _resume,
    "mute": _mute,
    "remove": _remove,
    "now": _now,
}


_SAID = [name for name in _ACTS if name != FORM]


def _verb(asked: Asked) -> Verb:
    """Whoever may look may see which there are."""
    return Verb.DIAGNOSE if asked.subject.split()[0] in (LIST, FORM) else Verb.DIGEST


COMMAND = Command(
    name="digest",
    usage="digest add SCHEDULE [zone=ZONE] [channel=#CHANNEL] [when=…] [checks=…] [mention=…] [watch=MINUTES] | "
    + "|".join(name for name in _SAID if name != ADD)
    + " [DIGEST] [in CLUSTER]",
    meaning="Have a channel hear of a cluster's network on schedule.",
    example='digest add "0 9 * * mon-fri" zone=Europe/Berlin',
    verb=_verb,
    parse=_parse,
    act=_act,
)
