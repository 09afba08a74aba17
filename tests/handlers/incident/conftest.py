"""A bot that may have a cluster mended, and the people who may."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.runs.runs import Runs
from bot.store.connection import connect
from tests.handlers.clusters import OPERATIONS_KEY, Answering
from tests.handlers.conftest import Bot, join

ACCESS = """
[remediate]
users = ["U0ONCALL", "U0PLATFORM"]
[approve]
users = ["U0ONCALL", "U0PLATFORM"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file that says who may do what."""
    path = tmp_path / "access.toml"
    path.write_text(ACCESS, encoding="utf-8")
    return path


@pytest.fixture
def runs(redis_client: Any) -> Runs:
    """The runs of the one cluster that there is, prod, with the nodes of the founding incident."""
    return join(redis_client, "prod", ("cp", "w1", "w2"))


@pytest.fixture
def cluster(redis_url: str, runs: Runs) -> Iterator[Answering]:  # noqa: ARG001 - it must be known
    """It answers."""
    answering = Answering(connect(redis_url), "prod")
    yield answering
    answering.stop()


@pytest.fixture
def fixer(start: Callable[..., Bot], cluster: Answering, file: Path) -> Bot:  # noqa: ARG001 - it must answer
    """A bot that two people may have fix something, with an operator."""
    return start(NETCHECK_ACCESS=str(file), NETCHECK_OPERATIONS_KEY=OPERATIONS_KEY)
