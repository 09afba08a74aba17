"""Since when something is not well, in a sentence or two."""

import dataclasses
from collections.abc import Mapping

from bot.runs.outline.model import Line
from checks.past import Past
from checks.text import Moment, Text, say

OFTEN = 3
"""From so many times on, something comes and goes."""


def since(past: Past) -> Text:
    """Since when, and how it ended the last time."""
    began = Moment(past.since)
    before = past.before
    if before is None:
        return say("First seen {time}.", time=began)
    told = say(
        "Since {time}. Seen before ({before}), and well again ({ended}).",
        time=began,
        before=Moment(before.began),
        ended=Moment(before.ended),
    )
    if before.fixed_by:
        told = say(
            "Since {time}. Seen before ({before}), then fixed by {runbook}.",
            time=began,
            before=Moment(before.began),
            runbook=before.fixed_by,
        )
    if past.times < OFTEN:
        return told
    earliest = Moment(past.earliest)
    return say("{told} {count} times since {earliest}.", told=told, count=past.times, earliest=earliest)


def dated(line: Line, pasts: Mapping[str, Past]) -> Line:
    """The line of a finding, and since when it is so, where history knows."""
    past = pasts.get(line.code)
    return dataclasses.replace(line, evidence=(*line.evidence, since(past))) if past else line
