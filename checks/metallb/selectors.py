"""What MetalLB refuses of the label selectors in its objects. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from checks.text import Text, say

_KEY = re.compile(r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_WITH_VALUES = {"In": True, "NotIn": True, "Exists": False, "DoesNotExist": False}
"""By operator whether values belong to it (apimachinery, `labels.NewRequirement`)."""


def fault_in(selectors: Sequence[Mapping[str, Any]]) -> Text | None:
    """Why MetalLB would refuse some selectors of one field; None where it takes them.

    As `LabelSelectorAsSelector` and MetalLB's `validateLabelSelectorDuplicate` do.
    """
    for selector in selectors:
        expressions = [e for e in selector.get("matchExpressions") or [] if isinstance(e, dict)]
        if fault := next(filter(None, map(_fault, expressions)), None):
            return fault
        if _repeats(list(map(_ordered, expressions))):
            return say("an expression of a selector is there twice")
    if _repeats([_whole(selector) for selector in selectors]):
        return say("a selector is there twice")
    return None


def _fault(expression: Mapping[str, Any]) -> Text | None:
    key, operator, values = expression.get("key"), expression.get("operator"), expression.get("values") or []
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        return say("{key} is no key of a label", key=repr(key or ""))
    if operator not in _WITH_VALUES:
        return say("{operator} is no operator of a selector", operator=repr(operator or ""))
    if bool(values) is not _WITH_VALUES[operator]:
        if values:
            return say("the operator {operator} takes no values", operator=operator)
        return say("the operator {operator} has no values", operator=operator)
    if isinstance(values, list) and _repeats(values):
        return say("a value of a selector is there twice")
    return None


def _ordered(expression: Mapping[str, Any]) -> tuple[str, ...]:
    values = expression.get("values")
    ordered = sorted(map(str, values)) if isinstance(values, list) else []
    return str(expression.get("key")), str(expression.get("operator")), *ordered


def _whole(selector: Mapping[str, Any]) -> tuple[Any, ...]:
    labels = selector.get("matchLabels")
    expressions = [e for e in selector.get("matchExpressions") or [] if isinstance(e, dict)]
    return sorted(labels.items()) if isinstance(labels, dict) else [], list(map(_ordered, expressions))


def _repeats(items: Sequence[Any]) -> bool:
    return any(item in items[:at] for at, item in enumerate(items))
