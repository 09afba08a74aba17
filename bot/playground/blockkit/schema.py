"""Checks for JSON that block validation is put together from.

A check takes a value and its JSON pointer and yields one complaint for each thing that Slack would refuse, worded
like Slack's own with the pointer at the end.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Check = Callable[[Any, str], Iterator[str]]
Fields = dict[str, Check]


def complaint(text: str, path: str) -> str:
    """Word a complaint about the value at a JSON pointer."""
    return f"{text} [json-pointer:{path}]"


def string(most: int, least: int = 1) -> Check:
    """Require a string of `least` to `most` characters."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield complaint("must be a string", path)
        elif len(value) > most:
            yield complaint(f"must be less than {most + 1} characters", path)
        elif len(value) < least:
            yield complaint(f"must be more than {least - 1} characters", path)

    return check


def url(value: Any, path: str) -> Iterator[str]:
    """Require a web address of at most 3000 characters."""
    yield from string(3000)(value, path)
    if isinstance(value, str) and not value.startswith(("https://", "http://")):
        yield complaint("must be a valid url", path)


def number(value: Any, path: str) -> Iterator[str]:
    """Require a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield complaint("must be a number", path)


def boolean(value: Any, path: str) -> Iterator[str]:
    """Require true or false."""
    if not isinstance(value, bool):
        yield complaint("must be a boolean", path)


def anything(_value: Any, _path: str) -> Iterator[str]:
    """Accept any value."""
    yield from ()


def choice(*allowed: str) -> Check:
    """Require one of the given strings."""

    def check(value: Any, path: str) -> Iterator[str]:
        if value not in allowed:
            yield complaint(f"must be one of: {', '.join(allowed)}", path)

    return check


def items(most: int, check_item: Check, least: int = 1) -> Check:
    """Require a list of `least` to `most` items that each pass `check_item`."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield complaint("must be an array", path)
            return
        if len(value) > most:
            yield complaint(f"no more than {most} items allowed", path)
        if len(value) < least:
            yield complaint(f"no less than {least} items allowed", path)
        for index, item in enumerate(value):
            yield from check_item(item, f"{path}/{index}")

    return check


@dataclass(frozen=True)
class Shape:
    """An object: its fields, which of them are required, groups of which at least one is, and what else must hold."""

    fields: Mapping[str, Check]
    required: Sequence[str] = ()
    one_of: Sequence[Sequence[str]] = ()
    further: Sequence[Check] = field(default=())

    def __call__(self, value: Any, path: str) -> Iterator[str]:
        """Check a value as `schema.Check` does; what spans several fields only once each field is right."""
        found = list(self._by_field(value, path))
        yield from found
        if not found:
            for check in self.further:
                yield from check(value, path)

    def _by_field(self, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield complaint("must be an object", path)
            return
        for group in [*([name] for name in self.required), *self.one_of]:
            if not any(name in value for name in group):
                yield complaint(f"missing required field: {' or '.join(group)}", path)
        for name, item in value.items():
            if name in self.fields:
                yield from self.fields[name](item, f"{path}/{name}")
            else:
                yield complaint(f"invalid additional property: {name}", path)


def typed(shapes: Mapping[str, Check], allowed: Sequence[str] | None = None) -> Check:
    """Require an object whose `type` is one of `allowed` (all of `shapes` by default), and check it by that shape."""

    def check(value: Any, path: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str):
            yield complaint("missing required field: type", path)
        elif kind not in shapes or (allowed is not None and kind not in allowed):
            yield complaint(f"unsupported type: {kind}", path)
        else:
            yield from shapes[kind](value, path)

    return check
