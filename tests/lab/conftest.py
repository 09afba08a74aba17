"""The lab's own tests: fixtures, order and time-outs."""

from pathlib import Path

import pytest

from tests.lab.fixtures import cluster, fault, lab

__all__ = ["cluster", "fault", "lab"]

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests that start and stop labs of their own before the session's lab is started."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            # What a first start builds is not the test's time.
            item.add_marker(pytest.mark.timeout(func_only=True), append=False)
    items.sort(key=lambda item: item.path != _HERE / "test_lifecycle.py")
