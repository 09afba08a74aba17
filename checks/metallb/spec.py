"""What stands in MetalLB's objects, read without trust: a field of another type is as good as none. Pure."""

from typing import Any

from checks.cluster.snapshot import CustomObject
from checks.text import Text, say


def words(item: CustomObject, name: str) -> tuple[str, ...]:
    """A list of strings."""
    return tuple(str(each) for each in _list(item.spec.get(name)) if isinstance(each, str))


def parts(item: CustomObject, name: str) -> tuple[dict[str, Any], ...]:
    """A list of objects, as selectors are."""
    return tuple(each for each in _list(item.spec.get(name)) if isinstance(each, dict))


def word(item: CustomObject, name: str) -> str:
    """A string; empty where there is none."""
    value = item.spec.get(name)
    return value if isinstance(value, str) else ""


def number(item: CustomObject, name: str, default: int = 0) -> int:
    """A whole number."""
    value = item.spec.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def flag(item: CustomObject, name: str, *, default: bool = False) -> bool:
    """Whether something is switched on."""
    value = item.spec.get(name)
    return value if isinstance(value, bool) else default


def section(item: CustomObject, name: str) -> dict[str, Any]:
    """An object within the spec; empty where there is none."""
    value = item.spec.get(name)
    return value if isinstance(value, dict) else {}


def told(item: CustomObject, name: str) -> str:
    """A string of the status."""
    value = item.status.get(name)
    return value if isinstance(value, str) else ""


def called(item: CustomObject) -> Text:
    """An object in a sentence: its kind and name."""
    return say("{kind} {name}", kind=item.kind, name=item.metadata.name)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
