"""What a sound cluster answers to the jobs of `webhook`."""

import time
from functools import cache

from cryptography.hazmat.primitives.serialization import Encoding

from checks.observation import Answer, Task
from checks.webhook.model import Certificate, Data
from tests.checks.certificates import issue
from tests.checks.objects import AUTHORITY


def sound(task: Task) -> Data:
    """The answer to one job."""
    if task.request.dry_run:
        return Data(answer=Answer(status=201, message="", elapsed_s=0.02))
    return Data(
        certificates=tuple(
            Certificate(
                pod=h.pod, server_name=h.server_name, port=h.port, chain=served(h.server_name), observed_at=time.time()
            )
            for h in task.request.handshakes
        )
    )


@cache
def served(name: str, days: float = 365) -> tuple[bytes, ...]:
    """What a webhook of that name serves, which the caBundle of `tests.checks.objects` verifies."""
    return (issue(name, AUTHORITY, days=days).certificate.public_bytes(Encoding.DER),)
