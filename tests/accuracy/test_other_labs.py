"""A few cases of the campaign on labs of other shapes, which are started for them."""

from collections.abc import Iterator

import pytest

from tests.accuracy.catalogue import SHAPES, SHORT_ELSEWHERE, cases
from tests.accuracy.stage import said
from tests.lab import cluster
from tests.lab.fixtures import exported, run_lab, skip_unless_own_lab

CASES = [case for case in cases() if case.name in SHORT_ELSEWHERE]
LABS = list(dict.fromkeys(case.lab for case in CASES))


@pytest.fixture
def started(request: pytest.FixtureRequest) -> Iterator[tuple[str, dict[str, str]]]:
    """A lab of a shape, by the shape's name, and what a shell needs for it."""
    skip_unless_own_lab(request.config)
    up = run_lab("up", *SHAPES[request.param].options)
    assert up.returncode == 0, up.stderr
    yield request.param, exported()
    cluster.down()


@pytest.mark.lab
@pytest.mark.own_lab
@pytest.mark.timeout(600, func_only=True)
@pytest.mark.parametrize("started", LABS, indirect=True)
def test_cases_are_answered_rightly(started: tuple[str, dict[str, str]]) -> None:
    """Each cause is named, at its place, and nothing else; what is well is called so."""
    lab, environment = started
    told = [said(case, environment) for case in CASES if case.lab == lab]

    assert [] == [each for each in told if not (each.right and each.both)]


def test_every_short_case_is_one_of_the_catalogue() -> None:
    """A name that was misspelt would leave its case out."""
    assert sorted(SHORT_ELSEWHERE) == sorted(case.name for case in CASES)
