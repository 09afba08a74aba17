"""The App Home: everything at a glance, in sections that are turned over page by page.

A home takes a hundred blocks (https://docs.slack.dev/reference/views), and none of the newer ones. What it carries
unseen says where its buttons answer: a press in a home comes from no channel.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from bot.access.verb import Verb
from bot.commands.grammar import Asked
from bot.digests.model import Definition
from bot.errors import NotPermitted
from bot.home.model import ClusterSeen, Glance, Page, Pages, Right
from bot.incidents.model import Incident
from bot.incidents.outline import outline, standing
from bot.incidents.roles import called
from bot.incidents.waiting import waits
from bot.language import ENGLISH, Language
from bot.runs.brief import Brief
from checks.observation import Network
from checks.text import Text, names, say, say_many
from handlers.views.acting import acting
from handlers.views.blocks import (
    SECTION_CHARACTERS,
    Block,
    Message,
    actions,
    button,
    clip,
    code,
    context,
    cut,
    header,
    mention,
    section,
    sections,
    time,
)
from handlers.views.incident import person
from handlers.views.outlined import heading
from handlers.views.run import what

ACT, TURN = "home_act", "home_turn"
"""The beginnings of the `action_id`s of its buttons: those that act as a command does, and those that turn a page."""
_NAMES, _LINE, _TITLE = 12, 400, 80
_RIGHTS: Mapping[Verb, Text] = {
    Verb.DIAGNOSE: say("Diagnose and run checks"),
    Verb.DIGEST: say("Make and change digests"),
    Verb.INCIDENT: say("See incidents and take part in them"),
    Verb.REMEDIATE: say("Begin a fix and walk through it"),
    Verb.APPROVE: say("Approve as the second person"),
    Verb.ADMINISTER: say("See what others did"),
}


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a home carries unseen."""

    channel: str = ""
    """The app's own conversation with whoever sees it."""
    pages: Pages = Pages()


def home_view(glance: Glance, channel: str, said: str = "", language: Language = ENGLISH) -> dict[str, Any]:
    """What somebody sees; `said` is mrkdwn about what they have just pressed."""
    lists = _Lists(glance, language)
    blocks = [
        header(language.words(say("netcheck at a glance"))),
        *([context(cut(said, _LINE))] if said else []),
        *lists.clusters(),
        *lists.incidents(),
        *lists.digests(),
        *lists.runs(),
        section(_bold(say("What you may do here"), language)),
        *sections(_rights(glance, language)),
        context(language.words(say("As of {time}. Everything that can be typed: {help}", **_small(glance)))),
    ]
    return _home(blocks, Kept(channel, glance.pages))


def home_trouble(trouble: Message, channel: str) -> dict[str, Any]:
    """What stands there when it cannot be told how things are."""
    return _home(trouble["blocks"], Kept(channel))


def _home(blocks: list[Block], kept: Kept) -> dict[str, Any]:
    return {"type": "home", "private_metadata": msgspec.json.encode(kept).decode(), "blocks": blocks}


def _small(glance: Glance) -> dict[str, str]:
    return {"time": time(glance.now), "help": code("/netcheck help")}


def _bold(text: Text, language: Language) -> str:
    return f"*{clip(language.words(text), _TITLE)}*"


class _Lists:
    """The sections, each a list of which one page is seen."""

    def __init__(self, glance: Glance, language: Language) -> None:
        self._glance = glance
        self._language = language

    def clusters(self) -> Iterator[Block]:
        """Each cluster, how it was when it was last diagnosed, and who is there."""
        yield section(_bold(say("Clusters"), self._language))
        if not self._glance.clusters.total and not self._glance.hidden:
            yield self._line(say("None is known yet: a worker makes its cluster known when it starts."))
        for cluster in self._glance.clusters.items:
            yield section("\n".join((self._diagnosed(cluster), self._present(cluster))))
            yield actions(*self._of_cluster(cluster.name))
        for hidden in self._glance.hidden:
            told = self._language.words(say("There is more that you may not see here."))
            yield context(f"{told} {_whom(hidden)}")
        yield from self._turning("clusters", self._glance.clusters)

    def incidents(self) -> Iterator[Block]:
        """The open ones: how each stands, and whose turn it is."""
        yield section(_bold(say("Open incidents"), self._language))
        if not self._glance.incidents.total:
            yield self._line(say("None."))
        for incident in self._glance.incidents.items:
            asked = Asked(command="incident", subject=f"show {incident.id}", cluster=incident.cluster)
            (show,) = self._acting(say("Show"), asked)
            yield {**section(self._incident(incident)), "accessory": show}
        yield from self._turning("incidents", self._glance.incidents)

    def digests(self) -> Iterator[Block]:
        """Those of whoever looks."""
        yield section(_bold(say("Your digests"), self._language))
        if not self._glance.digests.total:
            yield self._line(say("None. A cluster's button above makes one, where you may."))
        for definition in self._glance.digests.items:
            yield section(self._digest(definition))
            if self._glance.may(Verb.DIGEST, definition.cluster):
                yield actions(*self._of_digest(definition))
        yield from self._turning("digests", self._glance.digests)

    def runs(self) -> Iterator[Block]:
        """The last ones, whoever asked for them."""
        yield section(_bold(say("Last runs"), self._language))
        if not self._glance.runs.total:
            yield self._line(say("None yet."))
        yield from sections(self._run(run) for run in self._glance.runs.items)
        yield from self._turning("runs", self._glance.runs)

    def _line(self, text: Text) -> Block:
        return context(self._language.words(text))

    def _diagnosed(self, cluster: ClusterSeen) -> str:
        name = f"*{clip(cluster.name, 100)}*"
        if cluster.diagnosis is None or cluster.diagnosis.heading is None:
            unknown = self._language.words(say("not diagnosed yet"))
            return f":white_small_square: {name}: {unknown}"
        told = cluster.diagnosis.heading
        words = clip(self._language.words(told.text), _LINE)
        return f"{told.sign.emoji} {name}: {words} · {time(cluster.diagnosis.changed_at)}"

    def _present(self, cluster: ClusterSeen) -> str:
        members, nodes = cluster.present.members, cluster.present.nodes
        here = [member for member in members if member.here]
        workers = sum(member.role == "worker" for member in here)
        told = [say_many("{count} node", "{count} nodes", len(nodes))]
        told += [say_many("{count} worker", "{count} workers", workers)] if workers else []
        silent = list[str]()
        for network in (Network.HOST, Network.POD):
            heard = {member.name for member in here if member.role == f"agent-{network}"}
            told.append(say("{network} agents {heard} of {nodes}", network=network, heard=len(heard), nodes=len(nodes)))
            silent += [node for node in nodes if node not in heard]
        line = " · ".join(map(self._language.words, told))
        if silent:
            unheard = say("silent: {nodes}", nodes=names(sorted(set(silent))[:_NAMES]))
            line += f" · :warning: {self._language.words(unheard)}"
        if not workers:
            line += f" · :warning: {self._language.words(say('no worker: runs wait until one starts'))}"
        return clip(line, 3 * _LINE)

    def _of_cluster(self, cluster: str) -> Iterator[Block]:
        yield from self._acting(say("Diagnose"), Asked(command="diagnose", cluster=cluster))
        if self._glance.may(Verb.INCIDENT, cluster):
            yield from self._acting(say("Open an incident"), Asked(command="incident", subject="open", cluster=cluster))
        if self._glance.may(Verb.DIGEST, cluster):
            yield from self._acting(say("Make a digest"), Asked(command="digest", cluster=cluster))

    def _incident(self, incident: Incident) -> str:
        execution = incident.execution
        told = clip(heading(outline(incident), self._language), _LINE)
        stands = self._language.words(standing(execution) if execution else say("No plan is on its way."))
        turn = say("netcheck is at it")
        if execution is None or waits(execution):
            turn = say("The turn is {who}'s", who=person(called(incident)))
        lines = [
            f"{told} · *{clip(incident.cluster, 100)}*",
            f"{clip(stands, _LINE)} · {self._language.words(turn)}",
        ]
        where = incident.room or (incident.where.channel if incident.where else "")
        if where and not where.startswith("D"):
            lines[-1] += f" · {mention(where)}"
        return "\n".join(lines)

    def _digest(self, definition: Definition) -> str:
        schedule = f"{definition.schedule.cron} {definition.schedule.zone}"
        checks = ", ".join(definition.checks)
        words = [f"*{clip(definition.cluster, 100)}*", clip(schedule, 100), mention(definition.where.channel)]
        words += [clip(checks, _LINE)] if checks else []
        return f"{self._firing(definition)}\n{' · '.join([*words, code(definition.id)])}"

    def _firing(self, definition: Definition) -> str:
        if definition.paused:
            paused = self._language.words(say("Paused: {why}", why=definition.paused))
            return f":double_vertical_bar: {clip(paused, _LINE)}"
        if definition.muted_until > self._glance.now:
            muted = self._language.words(say("Muted until {time}", time=time(definition.muted_until)))
            return f":no_bell: {muted}"
        upcoming = definition.schedule.next(self._glance.now)
        told = say("Next: {time}", time=time(upcoming[0])) if upcoming else say("It never comes again")
        return f":calendar: {self._language.words(told)}"

    def _of_digest(self, definition: Definition) -> Iterator[Block]:
        silent = bool(definition.paused) or definition.muted_until > self._glance.now
        words = (("now", say("Now")), ("resume", say("Resume")) if silent else ("pause", say("Pause")))
        for word, label in words:
            asked = Asked(command="digest", subject=f"{word} {definition.id}", cluster=definition.cluster)
            yield from self._acting(label, asked)

    def _run(self, run: Brief) -> str:
        request = run.request
        told = f":hourglass_flowing_sand: {run.state}"
        if run.heading is not None:
            told = f"{run.heading.sign.emoji} {self._language.words(run.heading.text)}"
        by = clip(request.requested_by.name, _TITLE) or "nobody"
        words = [what(request), f"*{clip(request.cluster, 100)}*", by, time(request.requested_at), code(request.id)]
        return " · ".join([clip(told, _LINE), *words])

    def _acting(self, label: Text, asked: Asked) -> list[Block]:
        return acting(self._language.words(label), asked, act=ACT)

    def _turning(self, name: str, page: Page[Any]) -> Iterator[Block]:
        """The buttons that turn a list's pages; none where it has one page."""
        if page.total <= page.size:
            return
        told = say("{first} to {last} of {total}", first=page.first, last=page.last, total=page.total)
        yield self._line(told)
        turns = [(say("Previous"), "previous", page.number - 1)] if page.number else []
        turns += [(say("Next"), "next", page.number + 1)] if page.last < page.total else []
        yield actions(
            *(
                button(self._language.words(label), f"{TURN}_{name}_{word}", self._turned(name, number))
                for label, word, number in turns
            )
        )

    def _turned(self, name: str, number: int) -> str:
        return msgspec.json.encode(msgspec.structs.replace(self._glance.pages, **{name: number})).decode()


def _rights(glance: Glance, language: Language) -> Iterator[str]:
    if not glance.clusters.total:
        yield language.words(say("Read what there is to know: {help}", help=code("/netcheck help")))
        return
    for right in glance.rights:
        told = [*_allowed(right, language), *_refused(right, language)]
        yield cut(f"• *{language.words(_RIGHTS[right.verb])}*: {'; '.join(told)}", SECTION_CHARACTERS - 1)


def _allowed(right: Right, language: Language) -> Iterator[str]:
    if not right.refusals:
        yield language.words(say("in every cluster that you see"))
    elif right.clusters:
        yield language.words(say("in {clusters}", clusters=_few(right.clusters)))


def _refused(right: Right, language: Language) -> Iterator[str]:
    for refusal in right.refusals:
        nowhere = not right.clusters and len(right.refusals) == 1
        told = say("not here") if nowhere else say("not in {clusters}", clusters=_few(refusal.clusters))
        yield f"{language.words(told)}. {_whom(refusal.why)}"


def _few(clusters: Iterable[str]) -> str:
    shown = [clip(name, 100) for name in clusters]
    return ", ".join(shown[:_NAMES]) + ("…" if len(shown) > _NAMES else "")


def _whom(why: NotPermitted) -> str:
    hint = why.hint or str(why)
    return " ".join([clip(hint, _LINE), *map(mention, why.ask)])
