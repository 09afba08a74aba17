"""Figures in Prometheus's text format. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

_SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})? +([^ \n]+)', re.MULTILINE)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Sample(NamedTuple):
    """One figure."""

    name: str
    labels: Mapping[str, str]
    value: float


def samples(exposition: bytes, wanted: Collection[str]) -> Iterator[Sample]:
    """The figures of some names, in their order; what cannot be read is left out."""
    for match in _SAMPLE.finditer(exposition.decode("utf-8", "replace")):
        if match[1] not in wanted:
            continue
        try:
            value = float(match[3])
        except ValueError:
            continue
        yield Sample(match[1], dict(_LABEL.findall(match[2] or "")), value)
