"""`history`: what a check has measured over time, and since when something is not well."""

import csv
import dataclasses
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.access.verb import Verb
from bot.commands.answer import Answer, Entry, File, Heading, Item, Mark, Name, Paragraph, Table, Time
from bot.commands.command import Command, Errand, Open, Target
from bot.commands.grammar import Asked, Line, choose_cluster, known_nodes, unknown
from bot.commands.moment import iso, since
from bot.errors import UsageError
from bot.history.episodes import ANYWHERE, Episode, Told
from bot.history.history import History
from bot.history.points import DAY_S, HOURS, Series, merged, resampled, sparkline
from bot.history.signals import SIGNALS, Signal, is_of, signals_of
from bot.language import ENGLISH
from bot.names import short
from bot.pictures.courses import drawn
from bot.pictures.words import in_words
from checks.coverage.judge import CODES as COVERAGE
from checks.diagnosis.causes import CAUSES
from checks.place import Cluster, Node, Place
from checks.registry import CHECKS
from checks.text import Quantity, Unit, say

DEFAULT_SINCE = "7d"
CSV, PNG = "csv", "png"
_FORMATS = (CSV, PNG)
WIDTH = 28
"""Blocks of a sparkline: with its numbers it fits on a phone that is turned."""
PLACES = 12
"""Places of one signal that are shown; one is named to see another."""
WORST_NODES = 3
"""Nodes that are shown beside the whole cluster, where something was lost."""
ROWS = 40
EPISODES = 20
_PARAMETERS = ("node", "since", "format")
_TOO_LITTLE = "There is no picture: it takes two measurements from this time."
_CODES = tuple(code.name for check in CHECKS.values() for code in check.codes) + tuple(code.name for code in COVERAGE)


def _parse(line: Line) -> Asked:
    said = line.said()
    if not said.words:
        raise UsageError("Of which check?", hint=f"One of {', '.join(CHECKS)}, for example:", command=COMMAND.example)
    name, *rest = said.words
    line.no_more(rest, (key for key in said.pairs if key not in _PARAMETERS))
    pairs = {key: value for key, value in said.pairs.items() if key != "node"}
    nodes = tuple(dict.fromkeys([*said.nodes, *filter(None, [said.pairs.get("node", "")])]))
    asked = Asked(command="history", subject=name.lower(), parameters=pairs, nodes=nodes, cluster=said.cluster)
    known = [*CHECKS, "coverage", *_CODES, *CAUSES]
    if name.lower() not in known:
        raise unknown(
            "check, finding or cause", name, known, lambda near: msgspec.structs.replace(asked, subject=near).line
        )
    if pairs.get("format", CSV) not in _FORMATS:
        raise UsageError(
            f"There is no format {short(pairs['format'])!r}.",
            hint=f"A file comes as {' or '.join(_FORMATS)}:",
            command=msgspec.structs.replace(asked, parameters={**pairs, "format": CSV}).line,
        )
    since(pairs.get("since", DEFAULT_SINCE), 0.0, COMMAND.example)
    return asked


def _target(asked: Asked, means: Open) -> Target:
    """The cluster; nodes that have left it are known as long as their history is kept."""
    clusters = means().clusters
    cluster = choose_cluster(asked, clusters.names(), means().default_cluster)
    present = clusters.nodes(cluster)
    if set(asked.nodes) - set(present):
        history = History(clusters.client, cluster)
        former = {n for s in signals_of(asked.subject) for place in history.places(s.name) for n in place.nodes}
        known_nodes(asked, sorted({*present, *former}))
    return Target(cluster)


@dataclass(frozen=True, slots=True)
class Found:
    """What is kept of what was asked for."""

    cluster: str
    subject: str
    since: float
    until: float
    series: tuple[Series, ...]
    told: tuple[Told, ...]
    """What is not well now first, then the newest."""


def _act(errand: Errand) -> Answer:
    asked, now = errand.asked, errand.means().clusters.now()
    begin = since(str(asked.parameters.get("since", DEFAULT_SINCE)), now, COMMAND.example)
    if begin >= now:
        raise UsageError("That moment is still to come.", hint="For example:", command=COMMAND.example)
    found = read(History(errand.runs.client, errand.target.cluster), errand.target.cluster, asked, begin, now)
    answer, where = told(found), errand.caller.where
    name = f"history-{found.subject}"
    match asked.parameters.get("format"):
        case "csv":
            text = table(found)
            return dataclasses.replace(answer, file=File(f"{name}.csv", answer.title, text, where), plain=text)
        case "png" if answer.picture is not None:
            text = in_words(answer.picture)
            file = File(f"{name}.png", answer.picture.title, text, where, picture=answer.picture)
            return dataclasses.replace(answer, file=file)
        case "png":
            return dataclasses.replace(answer, items=(Paragraph((_TOO_LITTLE,)), *answer.items))
    return answer


def read(history: History, cluster: str, asked: Asked, begin: float, now: float) -> Found:
    """What is kept of a subject, at the nodes that were named or, of the cluster, wherever it matters most."""
    wanted = [(s.name, place) for s in signals_of(asked.subject) for place in _places(history, s, asked, begin, now)]
    series = history.series(wanted, begin, now)
    episodes = [
        told
        for told in history.told().values()
        if is_of(told.subject.name, asked.subject)
        and (not asked.nodes or set(told.subject.place.nodes) & set(asked.nodes))
        and (told.open or told.episodes[-1].ended >= begin)
    ]
    episodes.sort(key=lambda t: (not t.open, -t.episodes[-1].began, t.subject.place != ANYWHERE, t.subject.name))
    return Found(
        cluster=cluster,
        subject=asked.subject,
        since=begin,
        until=now,
        series=tuple(each for each in series if each.points),
        told=tuple(episodes),
    )


def _places(history: History, signal: Signal, asked: Asked, begin: float, now: float) -> Sequence[Place]:
    """Where a signal is shown: at the nodes that were named, else at all but nodes, and at the nodes with most."""
    known = history.places(signal.name)
    if asked.nodes:
        return [place for place in known if set(place.nodes) & set(asked.nodes)][: PLACES * len(asked.nodes)]
    others = sorted((place for place in known if not isinstance(place, Node)), key=str)[:PLACES]
    return [*others, *_worst(history, signal, [place for place in known if isinstance(place, Node)], begin, now)]


def _worst(history: History, signal: Signal, nodes: Sequence[Place], begin: float, now: float) -> list[Place]:
    """The nodes with most of what should be nothing; none where there was none in the whole cluster."""
    if signal.unit not in (Unit.SHARE, Unit.COUNT) or signal.worst is min:
        return []
    (whole,) = history.series([(signal.name, Cluster())], begin, now)
    if not any(point.worst for point in whole.points):
        return []
    # Days are enough to rank a thousand nodes by, where it is not about one day.
    coarse = begin if now - begin <= DAY_S else min(begin, now - HOURS.reach_s - 1)
    means = {}
    for series in history.series([(signal.name, node) for node in nodes], coarse, now):
        within = [point for point in series.points if point.at + point.width_s > begin]
        means[series.place] = merged(within, signal.worst).mean if within else 0.0
    return sorted((place for place, mean in means.items() if mean), key=lambda place: -means[place])[:WORST_NODES]


def told(found: Found) -> Answer:
    """What is said about it."""
    title = f"History of {found.subject} in {found.cluster}"
    items: list[Item] = [Paragraph(("From ", Time(found.since), " to ", Time(found.until), "."))]
    if found.series:
        rows = tuple(_row(each, found) for each in found.series[:ROWS])
        items.append(Table(("what", "where", "over time", "last", "mean", "worst"), rows))
        if len(found.series) > ROWS:
            items.append(
                Paragraph((f"{len(found.series) - ROWS} more series: as a file with ", Name("format=csv"), "."))
            )
    items += _episodes(found)
    if not found.series and not found.told:
        items.append(Paragraph(("Nothing is kept of it from this time: a diagnosis or a run of the check keeps it.",)))
    return Answer(title, tuple(items), data=_document(found), picture=drawn(found.subject, found.series, found.until))


def _row(series: Series, found: Found) -> tuple[str, ...]:
    signal, points = SIGNALS[series.signal], series.points
    stretches = resampled(points, found.since, found.until, WIDTH, signal.worst)
    every = merged(points, signal.worst)
    line = sparkline([each.worst if each else None for each in stretches])
    what = f"{signal.code.name} {signal.what}".removeprefix(f"{found.subject}.").removeprefix(f"{found.subject} ")
    return (
        what,
        str(series.place),
        line,
        *(_number(value, signal) for value in (points[-1].mean, every.mean, every.worst)),
    )


def _number(value: float, signal: Signal) -> str:
    return ENGLISH.words(say("{value}", value=Quantity(value, signal.unit)))


def _episodes(found: Found) -> Iterator[Item]:
    if not found.told:
        return
    yield Heading("What was not well")
    for told_of in found.told[:EPISODES]:
        yield Entry(tuple(_sentence(told_of, found.since)), Mark.WARNING if told_of.open else Mark.WELL)
    if len(found.told) > EPISODES:
        yield Paragraph((f"and {len(found.told) - EPISODES} more",))


def _sentence(told_of: Told, begin: float) -> Iterator[str | Name | Time]:
    subject, latest = told_of.subject, told_of.episodes[-1]
    yield Name(subject.name)
    if subject.place != ANYWHERE:
        yield f" at {subject.place}"
    yield " is not well since " if latest.open else " was not well from "
    yield Time(latest.began)
    if not latest.open:
        yield " to "
        yield Time(latest.ended)
    yield from _fixed(latest)
    times = told_of.began_since(begin)
    if times > 1:
        yield f"; {times} times in all"
    former = told_of.episodes[-2] if len(told_of.episodes) > 1 else None
    if former:
        yield "; before that from "
        yield Time(former.began)
        yield " to "
        yield Time(former.ended)
        yield from _fixed(former)


def _fixed(episode: Episode) -> Iterator[str | Name]:
    if episode.fixed_by:
        yield ", then fixed by "
        yield Name(episode.fixed_by)


def _document(found: Found) -> dict[str, Any]:
    """The same for programs; every field is always there."""
    return {
        "cluster": found.cluster,
        "subject": found.subject,
        "since": iso(found.since),
        "until": iso(found.until),
        "series": [_series(each) for each in found.series],
        "episodes": [_episode(told_of, each) for told_of in found.told for each in told_of.episodes],
    }


def _series(series: Series) -> dict[str, Any]:
    signal = SIGNALS[series.signal]
    return {
        "signal": series.signal,
        "meaning": signal.meaning,
        "unit": str(signal.unit),
        "place": msgspec.to_builtins(series.place),
        "where": str(series.place),
        "points": [
            {"at": iso(p.at), "width_s": p.width_s, "mean": p.mean, "worst": p.worst, "runs": p.count}
            for p in series.points
        ],
    }


def _episode(told_of: Told, episode: Episode) -> dict[str, Any]:
    return {
        "name": told_of.subject.name,
        "place": msgspec.to_builtins(told_of.subject.place),
        "where": str(told_of.subject.place),
        "began": iso(episode.began),
        "last": iso(episode.last),
        "ended": iso(episode.ended) if episode.ended else "",
        "fixed_by": episode.fixed_by,
    }


def table(found: Found) -> str:
    """The points as comma-separated values, one a line."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("signal", "where", "unit", "at", "width_s", "mean", "worst", "runs"))
    for each in found.series:
        unit = str(SIGNALS[each.signal].unit)
        for p in each.points:
            writer.writerow(
                (
                    each.signal,
                    str(each.place),
                    unit,
                    iso(p.at),
                    f"{p.width_s:g}",
                    f"{p.mean:.6g}",
                    f"{p.worst:.6g}",
                    p.count,
                )
            )
    return out.getvalue()


COMMAND = Command(
    name="history",
    usage="history CHECK|FINDING|CAUSE [node=NODE] [since=TIME] [format=csv|png] [in CLUSTER]",
    meaning="Show what was measured over time, and since when something is not well.",
    example="history dns since=2d",
    parse=_parse,
    target=_target,
    verb=Verb.DIAGNOSE,
    act=_act,
)
