"""What is accepted from Redis, and what never."""

import hmac
from typing import Any

import msgspec
import pytest

from bot.config import JOBS, SigningKey
from bot.errors import BadEnvelope
from bot.queue import envelope
from bot.queue.envelope import Kind, seal, unseal
from bot.runs.job import JOB as JOB_KIND
from bot.runs.job import Job
from bot.runs.jobs import request_of
from bot.runs.model import REQUEST, RunRequest
from checks.observation import Network

KEY = SigningKey(JOBS, b"0123456789abcdef")
OTHER = SigningKey(JOBS, b"fedcba9876543210")
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


def stored(kind: Kind[Any], content: Any, key: SigningKey = KEY) -> dict[bytes, bytes]:
    """An envelope as Redis gives it back."""
    return _of(seal(key, kind, content))


def _of(fields: dict[str, bytes]) -> dict[bytes, bytes]:
    return {name.encode(): value for name, value in fields.items()}


@pytest.mark.parametrize(("kind", "content"), [(JOB_KIND, JOB), (REQUEST, RUN)], ids=["job", "run"])
def test_what_was_sealed_comes_back(kind: Kind[Any], content: Any) -> None:
    """A sealed job or run is read as it was."""
    assert content == unseal(KEY, kind, stored(kind, content))


def _forged() -> dict[bytes, bytes]:
    return stored(JOB_KIND, JOB) | {b"body": msgspec.json.encode(msgspec.structs.replace(JOB, node="w2"))}


def _signed(body: bytes) -> dict[bytes, bytes]:
    return {b"body": body, b"signature": envelope._signature(KEY, JOB_KIND, body)}


REFUSED = {
    "another key": (stored(JOB_KIND, JOB, OTHER), "The signature is wrong."),
    "a changed body": (_forged(), "The signature is wrong."),
    "no signature": ({b"body": b"{}"}, "The signature is wrong."),
    "nothing": ({}, "The signature is wrong."),
    "a run as a job": (stored(REQUEST, RUN), "The signature is wrong."),
    "an unknown field": (
        _signed(msgspec.json.encode(msgspec.to_builtins(JOB) | {"command": "rm"})),
        "The envelope cannot be read: Object contains unknown field `command`.",
    ),
    "half a body": (_signed(b'{"id": "r'), "The envelope cannot be read: Input data was truncated."),
    "no text": (_signed(b'{"id":"\xff"}'), "The envelope cannot be read: "),
    "nested too deep": (
        _signed(b'{"request":{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}}"),
        "The envelope cannot be read: maximum recursion depth exceeded",
    ),
    "a huge body": (_signed(b" " * (envelope.BODY_LIMIT + 1)), "The envelope has 262145 bytes; 262144 are allowed."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_envelope_is_refused(case: str) -> None:
    """Nothing that was not signed with the key, for this purpose, whole and known, is run."""
    fields, words = REFUSED[case]

    with pytest.raises(BadEnvelope) as caught:
        unseal(KEY, JOB_KIND, fields)

    assert str(caught.value).startswith(words)


def test_a_signature_depends_on_the_names_of_kind_and_fields_alone() -> None:
    """A class may be renamed, and what an older version has sealed is still good: these are the bytes on the wire."""

    class Renamed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        id: str

    fields = seal(KEY, Kind("job", Renamed, JOBS), Renamed("r1"))

    assert {
        "body": b'{"id":"r1"}',
        "signature": hmac.new(KEY.secret, b'job\0{"id":"r1"}', "sha256").hexdigest().encode(),
    } == fields


def test_each_kind_has_a_key_of_its_own() -> None:
    """Who holds one key can neither make nor read what is sealed under another; using the wrong one is a mistake."""
    operation = Kind("operation", RunRequest, "operations")

    with pytest.raises(ValueError, match="operation is sealed under the key 'operations', not 'jobs'"):
        seal(KEY, operation, RUN)
    with pytest.raises(BadEnvelope, match="The signature is wrong"):
        unseal(KEY, REQUEST, _of(seal(SigningKey("operations", KEY.secret), operation, RUN)))
    assert KEY.secret.decode() not in repr(KEY)


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
        request_of(msgspec.structs.replace(JOB, **change))

    assert str(caught.value).startswith(words)
