"""The matrix of a report: from which node what gets through to which. Pure."""

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence

from bot.language import ENGLISH, Language
from bot.pictures.model import NOTE_CHARACTERS, TITLE_CHARACTERS, Cell, Matrix, State, alt, cut
from bot.runs.outline.findings import Sorted
from bot.runs.outline.probes import probes
from checks.finding import UNSEEN, Finding, Seen
from checks.judging.crossing import REJECTED
from checks.place import Pair, ReplicaPath
from checks.registry import declared
from checks.report import Report
from checks.text import Item, Text, say, say_many, seconds

MOST = 100
"""Rows or columns: more cannot be told apart. The worst are drawn."""
IN_ORDER = 16
"""Up to so many nodes stand in the order of their names; of more the worst come first."""
_NAMED = 4
_TIMES = ("rtt_s", "p50_s", "tcp_s")
"""The measures that say how long an answer took, the best first."""


def failed(report: Report, language: Language = ENGLISH) -> Matrix | None:
    """What a diagnosis rests on, where that is a matrix in which something fails; a sound cluster needs no picture."""
    return _best([f for f in report.findings if any(seen.bad for seen in f.seen)], report, language)


def measured(report: Report, language: Language = ENGLISH) -> Matrix | None:
    """The same, and where nothing fails what was measured all the same, for who asks for it."""
    return failed(report, language) or _best(report.findings, report, language)


def matrix_of(finding: Finding, notes: Sequence[Text] = (), language: Language = ENGLISH) -> Matrix | None:
    """The matrix of one finding; None where it is about no ways, or about those of fewer than two nodes."""
    seen = [each for each in _all(finding) if isinstance(each.place, Pair | ReplicaPath)]
    if len({node for each in seen for node in each.place.nodes}) < 2:  # noqa: PLR2004 - one node has no way to another
        return None
    rows, columns = _ends(seen)
    cells = _cells(seen, rows, columns)
    if not cells:
        return None
    title = cut(language.words(_title(finding, seen)), TITLE_CHARACTERS)
    sentence = language.words(finding.text)
    told = [sentence, *map(language.words, (*_kept(finding, seen, rows, columns), *notes))]
    words = [language.words(text) for text in (*_shape(rows, columns), *_worst(seen), *_times(seen), *_unseen(seen))]
    return Matrix(
        title=title,
        alt=alt(f"{title}.", sentence, *words),
        notes=tuple(cut(note, NOTE_CHARACTERS) for note in told),
        rows=rows,
        columns=columns,
        cells=cells,
    )


def _all(finding: Finding) -> Sequence[Seen]:
    """Every place that is kept."""
    if finding.pairs is None:
        return finding.seen
    try:
        return [Seen(*each) for each in finding.pairs.all()]
    except IndexError:  # a record that somebody else wrote
        return finding.seen


def _best(findings: Iterable[Finding], report: Report, language: Language) -> Matrix | None:
    """Of several the one in which most fails; the earlier one, the simpler probe, where it is as much.

    A row of the probe matrix is rather shown than what its probes found besides.
    """
    notes = _others(report)
    found = sorted(findings, key=lambda f: (f.pairs is None, not f.probe, -sum(seen.bad for seen in f.seen)))
    matrices = (matrix_of(finding, notes, language) for finding in found)
    return next((matrix for matrix in matrices if matrix is not None), None)


def _others(report: Report) -> list[Text]:
    """How all the probes came out: what is between a ping that passes and a TCP that does not is the point."""
    lines = [line for block in probes(Sorted(report)) for line in block.lines]
    return [say("{probes}: {word}.", word=line.sign.word, probes=line.text) for line in lines if line.sign]


def _ends(seen: Sequence[Seen]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who asks and who answers. Between nodes both are all nodes, so that a node is in one row and one column."""
    pairs = all(isinstance(each.place, Pair) for each in seen)
    sources, targets = Counter[str](), Counter[str]()
    for each in seen:
        source, target = _way(each)
        sources[source] += each.bad
        targets[target] += each.bad
    if pairs:
        sources = targets = Counter({name: sources[name] + targets[name] for name in {*sources, *targets}})
    return _ordered(sources), _ordered(targets)


def _ordered(bad: Counter[str]) -> tuple[str, ...]:
    names = sorted(bad, key=_natural)
    if len(names) > IN_ORDER:
        names.sort(key=lambda name: -bad[name])
    return tuple(names[:MOST])


def _natural(name: str) -> list[tuple[int, str]]:
    """`w2` before `w10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def _way(seen: Seen) -> tuple[str, str]:
    place = seen.place
    if isinstance(place, ReplicaPath):
        return place.source, place.replica
    return (place.source, place.target) if isinstance(place, Pair) else ("", "")


def _cells(seen: Iterable[Seen], rows: Sequence[str], columns: Sequence[str]) -> tuple[Cell, ...]:
    row, column = ({name: number for number, name in enumerate(names)} for names in (rows, columns))
    cells: dict[tuple[int, int], Cell] = {}
    for each in seen:
        source, target = _way(each)
        if source in row and target in column:
            at = row[source], column[target]
            # The worst stands first, and is what counts.
            cells.setdefault(at, Cell(*at, _state(each), _loss(each), _time(each)))
    return tuple(cells[at] for at in sorted(cells))


def _state(seen: Seen) -> State:
    if seen.outcome == UNSEEN:
        return State.UNSEEN
    if not seen.bad:
        return State.WELL
    return State.REJECTED if seen.outcome == REJECTED else State.FAILS


def _loss(seen: Seen) -> float | None:
    if "loss" in seen.measures:
        return seen.measures["loss"]
    sent = seen.measures.get("sent")
    return seen.measures.get("lost", 0.0) / sent if sent else None


def _time(seen: Seen) -> float | None:
    return next((seen.measures[name] for name in _TIMES if name in seen.measures), None)


def _title(finding: Finding, seen: Sequence[Seen]) -> Text:
    code = declared(finding.code)
    what: Item = say("{code}", code=finding.code)
    if code is not None:
        what = say("{words}", words=code.meaning)
    if code is not None and code.tries is not None:
        what = say("{letter} {tries}", letter=finding.probe, tries=code.tries)
    known = [each for each in seen if each.outcome != UNSEEN]
    bad = sum(each.bad for each in known)
    if not bad:
        return say_many("{what}: {count} path passes", "{what}: all {count} paths pass", len(known), what=what)
    if len(seen) < finding.seen_in_all:
        return say_many("{what}: {count} path fails", "{what}: {count} paths fail", bad, what=what)
    return say("{what}: {bad} of {total} paths fail", what=what, bad=bad, total=len(known))


def _kept(finding: Finding, seen: Sequence[Seen], rows: Sequence[str], columns: Sequence[str]) -> list[Text]:
    """What the picture leaves out."""
    notes = []
    if finding.seen_in_all > len(seen):
        notes.append(say("Of {total} paths the worst {kept} are kept.", total=finding.seen_in_all, kept=len(seen)))
    ends = [{_way(each)[end] for each in seen} for end in (0, 1)]
    if max(map(len, ends)) > max(len(rows), len(columns)):
        notes.append(say("Of {total} nodes the worst {kept} are drawn.", total=max(map(len, ends)), kept=len(rows)))
    return notes


def _shape(rows: Sequence[str], columns: Sequence[str]) -> list[Text]:
    return [say("Heat map: {rows} who ask by {columns} who answer.", rows=len(rows), columns=len(columns))]


def _worst(seen: Sequence[Seen]) -> list[Text]:
    """The nodes to and from which most fails."""
    bad, total = Counter[str](), Counter[str]()
    for each in seen:
        for end in _way(each):
            total[end] += each.outcome != UNSEEN
            bad[end] += each.bad
    worst = [name for name, count in bad.most_common(_NAMED) if count]
    if not worst:
        return []
    named: list[Item] = [say("{name} ({bad} of {total})", name=n, bad=bad[n], total=total[n]) for n in worst]
    return [say("Most fails at {nodes}.", nodes=named)]


def _times(seen: Sequence[Seen]) -> list[Text]:
    times = {_way(each): time for each in seen if not each.bad and (time := _time(each)) is not None}
    if not times:
        return []
    source, target = max(times, key=times.__getitem__)
    return [
        say(
            "What passes takes {median} in the median, at most {longest} from {source} to {target}.",
            median=seconds(statistics.median(times.values())),
            longest=seconds(times[source, target]),
            source=source,
            target=target,
        )
    ]


def _unseen(seen: Sequence[Seen]) -> list[Text]:
    count = sum(each.outcome == UNSEEN for each in seen)
    return [say_many("{count} path was not seen.", "{count} paths were not seen.", count)] if count else []
