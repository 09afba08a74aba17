"""What a sound cluster answers to the jobs of `webhook`."""

from checks.observation import Answer, Task
from checks.webhook.model import Certificate, Data, Trust, fingerprint


def sound(task: Task) -> Data:
    """The answer to one job."""
    if task.request.dry_run:
        return Data(answer=Answer(status=201, message="", elapsed_s=0.02))
    return Data(
        certificates=tuple(
            Certificate(pod=h.pod, server_name=h.server_name, trust=Trust.VERIFIED, bundle=fingerprint(h.ca_bundle))
            for h in task.request.handshakes
        )
    )
