"""The chart permits what a snapshot is made of."""

import re
from pathlib import Path

from checks.cluster.resources import CONFIG, ENDPOINT_SLICES, PODS, RESOURCES, Resource

CHART = Path(__file__).parents[2] / "deploy" / "chart" / "templates" / "access.yaml"
_RULE = re.compile(r"apiGroups: \[(.*?)\]\n\s+resources: \[(.*?)\]\n\s+verbs: \[get, list\]")


def permitted() -> set[tuple[str, str]]:
    """Group and resource of everything that the worker may list, somewhere."""
    return {
        (group.strip(' "'), resource.strip(' "'))
        for groups, resources in _RULE.findall(CHART.read_text(encoding="utf-8"))
        for group in groups.split(",")
        for resource in resources.split(",")
    }


def right(resource: Resource) -> tuple[str, str]:
    """What a role has to name for a list."""
    return resource.group.rpartition("/")[0], resource.plural


def test_worker_may_list_everything_that_is_read() -> None:
    """A list that is added asks for its right; what is MetalLB's is permitted as a whole."""
    wanted = {right(each) for each in (*RESOURCES, PODS, ENDPOINT_SLICES, CONFIG)}
    assert set() == {(group, plural) for group, plural in wanted if not {(group, plural), (group, "*")} & permitted()}


def test_worker_may_list_nothing_else() -> None:
    """A right that nothing needs is one too many."""
    wanted = {right(each) for each in (*RESOURCES, PODS, ENDPOINT_SLICES, CONFIG)}
    assert {("metallb.io", "*")} == permitted() - wanted
