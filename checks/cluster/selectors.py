"""Label selectors of the Kubernetes API. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector holds for the labels; an empty one holds for all, one that is not understood for none."""
    wanted = selector.get("matchLabels") or {}
    expressions = selector.get("matchExpressions") or []
    if not isinstance(wanted, dict) or not isinstance(expressions, list):
        return False
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        isinstance(expression, dict) and _holds(expression, labels) for expression in expressions
    )


def any_selects(selectors: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> bool:
    """Whether one of some selectors holds."""
    return any(selects(selector, labels) for selector in selectors)


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, operator, values = expression.get("key"), expression.get("operator"), expression.get("values") or []
    if not isinstance(key, str) or not isinstance(operator, str) or not isinstance(values, list):
        return False
    holds = {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }
    return holds.get(operator, False)
