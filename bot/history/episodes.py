"""Episodes: since when something is not well, when it was well again, and what had been done in between. Pure.

Only looks that could see begin and end one. A finding that nobody could look at says nothing, and so does a diagnosis
that did not look at what a cause shows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from bot.history.places import lasting
from checks.diagnosis.causes import CAUSES
from checks.diagnosis.declaration import Strength
from checks.diagnosis.model import HEALTHY, UNKNOWN, Cause, Diagnosis
from checks.finding import UNSEEN, Finding, Severity
from checks.past import Bygone, Past
from checks.place import Cluster, Place
from checks.report import Report
from checks.texts.judge import CODES as PASTED

PLACES = 50
"""Places of one finding of which each has episodes of its own: a fault that is everywhere needs no list."""
LIKELY = 0.1
"""A cause that is still held so probable is not gone."""
_SURE = (Strength.ITSELF, Strength.ALWAYS, Strength.MOSTLY)
"""How surely something shows where its cause is, the surest first."""
_PASTED = frozenset(code.name for code in PASTED)
"""What somebody pasted is no state of the cluster."""
ANYWHERE = Cluster()


class Subject(msgspec.Struct, frozen=True, array_like=True):
    """What has episodes: a finding's code or a cause's slug, at a place or anywhere."""

    name: str
    place: Place = ANYWHERE


class Episode(msgspec.Struct, frozen=True, array_like=True):
    """One time that something was not well; Unix times in seconds."""

    began: float
    """The first look that saw it."""
    last: float
    """The last look that saw it."""
    ended: float = 0.0
    """The first look that saw it well again; 0 while none has."""
    fixed_by: str = ""
    """The runbook that was finished between the last two."""

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return not self.ended


class Told(msgspec.Struct, frozen=True):
    """All that is kept of one subject."""

    subject: Subject
    times: int
    """How many episodes there were, with those that are no longer kept."""
    episodes: tuple[Episode, ...]
    """The newest few, the oldest first; there is one at least."""

    @property
    def open(self) -> bool:
        """Whether it is not well now."""
        return self.episodes[-1].open

    def began_since(self, moment: float) -> int:
        """How often it began from a moment on, as far as it is kept."""
        return sum(episode.began >= moment for episode in self.episodes)

    @property
    def past(self) -> Past:
        """The same for a report, about something that is not well now."""
        *former, now = self.episodes
        before = Bygone(former[-1].began, former[-1].ended, former[-1].fixed_by) if former else None
        times, earliest = len(self.episodes), self.episodes[0].began
        return Past(since=now.began, before=before, times=times, earliest=earliest)


class Fix(msgspec.Struct, frozen=True, array_like=True):
    """A runbook that was finished against a cause."""

    cause: str
    runbook: str
    execution: str
    """Which walk through it: the same is noted once."""


class Sight(msgspec.Struct, frozen=True):
    """What one look says of a subject."""

    subject: Subject
    bad: bool
    fixed_by: str = ""
    """If it is well: what was finished since it was last seen bad."""


Known = Mapping[Subject, Told]
Fixes = Sequence[tuple[Fix, float]]
"""With the times at which they were finished."""


def sights(report: Report, findings: Sequence[Finding], known: Known, *, everywhere: bool) -> list[Sight]:
    """What a run says of everything that it saw not well, and of what was not well and it saw well.

    Args:
        report: What came of the run.
        findings: Its findings, with all places.
        known: What is kept so far.
        everywhere: Whether the run looked at all nodes: from some of them nobody can tell that all is well.
    """
    unwell = [subject for subject, told in known.items() if told.open]
    made = [sight for finding in findings for sight in _of_finding(finding, unwell, everywhere=everywhere)]
    return [*made, *_of_causes(report.diagnosis, findings, unwell)]


def _of_finding(finding: Finding, unwell: Iterable[Subject], *, everywhere: bool) -> Iterator[Sight]:
    if finding.code in _PASTED:
        return
    is_bad, unseen = not finding.severity.well, finding.severity is Severity.UNKNOWN
    if is_bad and not unseen:
        yield Sight(Subject(finding.code), bad=True)
    bad = list(dict.fromkeys(lasting(place) for place in finding.where if not isinstance(place, Cluster)))
    yield from (Sight(Subject(finding.code, place), bad=True) for place in bad[:PLACES])
    mine = [subject for subject in unwell if subject.name == finding.code]
    if not mine:
        return
    all_well = not is_bad and everywhere
    hidden = {lasting(seen.place) for seen in finding.seen if seen.outcome == UNSEEN}
    # Anywhere is well only when all is.
    well = {lasting(seen.place) for seen in finding.seen} - hidden - set(bad) - {ANYWHERE}
    for subject in mine:
        # Where all is well, a place that is not there any more is no longer unwell.
        if subject.place in well or (all_well and subject.place not in hidden):
            yield Sight(subject, bad=False)


def _of_causes(diagnosis: Diagnosis | None, findings: Sequence[Finding], unwell: Iterable[Subject]) -> Iterator[Sight]:
    if diagnosis is None or diagnosis.verdict == UNKNOWN:
        return
    named = [cause for cause in named_causes(diagnosis) if not _only_told(cause.slug)]
    for cause in named:
        yield Sight(Subject(cause.slug), bad=True)
        places = (lasting(place) for place in cause.at[:PLACES] if not isinstance(place, Cluster))
        yield from (Sight(Subject(cause.slug, place), bad=True) for place in places)
    at = {cause.slug: set(map(lasting, cause.at)) for cause in named}
    seen = {finding.code for finding in findings if finding.severity is not Severity.UNKNOWN}
    for subject in unwell:
        if subject.name not in CAUSES:
            continue
        elsewhere = subject.name in at and subject.place != ANYWHERE and subject.place not in at[subject.name]
        if elsewhere or (subject.name not in at and _gone(subject.name, diagnosis, named, seen)):
            yield Sight(subject, bad=False)


def _gone(slug: str, diagnosis: Diagnosis, named: Sequence[Cause], seen: set[str]) -> bool:
    """Whether a diagnosis that does not name a cause says that it is not there."""
    if any(slug in CAUSES[cause.slug].hides for cause in named if cause.slug in CAUSES):
        return False
    if any(cause.slug == slug and cause.probability >= LIKELY for cause in diagnosis.causes):
        return False
    shown = next(filter(None, (_shown(slug, strength) for strength in _SURE)), set())
    return bool(shown) and shown <= seen


def _only_told(slug: str) -> bool:
    """Whether nothing but what somebody pasted shows a cause, so that nobody could see it end."""
    return slug in CAUSES and {effect.code for effect in CAUSES[slug].effects} <= _PASTED


def _shown(slug: str, strength: Strength) -> set[str]:
    """The codes that show a cause so surely; what somebody pasted is not looked at again."""
    return {effect.code for effect in CAUSES[slug].effects if effect.strength is strength} - _PASTED


def named_causes(diagnosis: Diagnosis) -> tuple[Cause, ...]:
    """The causes that a verdict names."""
    if diagnosis.verdict in (HEALTHY, UNKNOWN):
        return ()
    return diagnosis.causes[: 1 + len(diagnosis.also)]


def with_fixes(found: Iterable[Sight], known: Known, fixes: Fixes) -> list[Sight]:
    """The sights, those of causes that are well again with the last runbook that was finished against them."""
    return [_fixed(sight, known.get(sight.subject), fixes) for sight in found]


def _fixed(sight: Sight, told: Told | None, fixes: Fixes) -> Sight:
    if sight.bad or told is None:
        return sight
    after = [(at, fix.runbook) for fix, at in fixes if fix.cause == sight.subject.name and at >= told.episodes[-1].last]
    return msgspec.structs.replace(sight, fixed_by=max(after)[1]) if after else sight


def pasts(report: Report, known: Known) -> dict[str, Past]:
    """What is known of the causes that a report names and of its findings that are not well, by slug and code."""
    names = [cause.slug for cause in named_causes(report.diagnosis)] if report.diagnosis else []
    names += [f.code for f in report.findings if not f.severity.well and f.severity is not Severity.UNKNOWN]
    told = {name: known.get(Subject(name)) for name in names}
    return {name: each.past for name, each in told.items() if each is not None and each.open}
