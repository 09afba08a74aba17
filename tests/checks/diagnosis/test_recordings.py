"""What was recorded in the lab, one fault at a time, is judged and diagnosed again as it was then."""

import gzip
from pathlib import Path

import pytest

from bot.runs.bundle import read
from checks.diagnosis import diagnose
from checks.diagnosis.causes import CAUSES
from checks.diagnosis.model import HEALTHY
from checks.judgement import judge_run
from checks.registry import CHECKS
from tests.checks.diagnosis.recordings import names, path_of
from tests.lab.faults.table import FAULTS


def test_every_cause_that_the_lab_stages_is_recorded() -> None:
    """A fault of a cause's name asks for its recording."""
    staged = [fault.name for fault in FAULTS if fault.name in CAUSES]

    assert sorted([HEALTHY, *staged]) == names()


@pytest.mark.parametrize("name", names())
def test_a_recording_replays_to_its_verdict(name: str, tmp_path: Path) -> None:
    """The cause and no other; healthy for the healthy lab."""
    file = tmp_path / "bundle.json"
    file.write_bytes(gzip.decompress(path_of(name).read_bytes()))
    bundle = read(str(file))

    diagnosis = diagnose(judge_run(bundle.snapshot, tuple(CHECKS), bundle.parameters, bundle.observations))

    assert (name, ()) == (diagnosis.verdict, diagnosis.also)
    assert [name][: name != HEALTHY] == [cause.slug for cause in diagnosis.causes if cause.probability > 0.5]
