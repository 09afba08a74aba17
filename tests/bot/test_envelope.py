"""What is accepted from Redis, and what never."""

from typing import Any

import msgspec
import pytest
from bot.queue.envelope import seal, unseal
from bot.runs.model import Job, RunRequest
from checks.observation import Network

from bot import envelope
from bot.errors import BadEnvelope

KEY = b"0123456789abcdef"
JOB = Job(
    id="r/nic/host/w1",
    run="r",
    cluster="lab",
    check="nic",
    network=Network.HOST,
    node="w1",
    request={"addresses": ["192.0.2.1"]},
    deadline_s=5,
    expires_at=1e12,
)
RUN = RunRequest(id="r", cluster="lab", command="diagnose", checks=("nic",), expires_at=1e12)


def stored(content: Job | RunRequest, key: bytes = KEY) -> dict[bytes, bytes]:
    """An envelope as Redis gives it back."""
    return {name.encode(): value for name, value in seal(key, content).items()}


@pytest.mark.parametrize("content", [JOB, RUN], ids=["job", "run"])
def test_what_was_sealed_comes_back(content: Any) -> None:
    """A sealed job or run is read as it was."""
    assert content == unseal(KEY, stored(content), type(content))


def _forged() -> dict[bytes, bytes]:
    return stored(JOB) | {b"body": msgspec.json.encode(msgspec.structs.replace(JOB, node="w2"))}


def _signed(body: bytes) -> dict[bytes, bytes]:
    return {b"body": body, b"signature": envelope._signature(KEY, Job, body)}


REFUSED = {
    "another key": (stored(JOB, b"fedcba9876543210"), "The signature is wrong."),
    "a changed body": (_forged(), "The signature is wrong."),
    "no signature": ({b"body": b"{}"}, "The signature is wrong."),
    "nothing": ({}, "The signature is wrong."),
    "a run as a job": (stored(RUN), "The signature is wrong."),
    "an unknown field": (
        _signed(msgspec.json.encode(msgspec.to_builtins(JOB) | {"command": "rm"})),
        "The envelope cannot be read: Object contains unknown field `command`.",
    ),
    "half a body": (_signed(b'{"id": "r'), "The envelope cannot be read: Input data was truncated."),
    "a huge body": (_signed(b" " * (envelope.BODY_LIMIT + 1)), "The envelope has 262145 bytes; 262144 are allowed."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_envelope_is_refused(case: str) -> None:
    """Nothing that was not signed with the key, for this purpose, whole and known, is run."""
    fields, words = REFUSED[case]

    with pytest.raises(BadEnvelope) as caught:
        unseal(KEY, fields, Job)

    assert words == str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"check": "os.system"}, "No check 'os.system' runs on the host network here."),
        ({"check": "nic", "network": Network.POD}, "No check 'nic' runs on the pod network here."),
        ({"request": {"shell": "id"}}, "The request of nic does not fit"),
    ],
)
def test_a_job_names_a_registered_check_and_a_request_that_fits(change: dict[str, Any], words: str) -> None:
    """A signed job may still not name anything but a registered check, with the request that it declares."""
    with pytest.raises(BadEnvelope) as caught:
        envelope.request_of(msgspec.structs.replace(JOB, **change))

    assert str(caught.value).startswith(words)
