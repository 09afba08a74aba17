"""No check leans on another, and nothing that checks share knows one: whoever changes or adds one touches it alone."""

import grimp
import pytest

from checks.registry import CHECKS

FOLDERS = tuple(check.folder for check in CHECKS.values())
SHARED = ("probes", "kernel", "judging", "reading", "cluster", "readiness")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Who imports whom in `checks`; each check is one thing in it."""
    graph = grimp.build_graph("checks", cache_dir=None)
    for folder in (*FOLDERS, *SHARED):
        graph.squash_module(f"checks.{folder}")
    return graph


@pytest.mark.parametrize("folder", [*FOLDERS, *SHARED])
def test_it_reaches_no_other_check(graph: grimp.ImportGraph, folder: str) -> None:
    """Not even through something else that it imports."""
    reached = graph.find_upstream_modules(f"checks.{folder}")

    assert [] == [name for name in FOLDERS if name != folder and f"checks.{name}" in reached]
