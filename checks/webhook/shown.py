"""What webhooks served to whoever greeted them, in the judgement of their caBundles. Pure.

Looked at once for all judgements: a cluster has hundreds of webhooks, and each certificate takes a millisecond.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checks.observation import Network
from checks.text import Text, say
from checks.webhook.absence import Observed
from checks.webhook.hooks import Hook, hooks_in
from checks.webhook.model import Certificate, Trust, fingerprint
from checks.webhook.resolve import EXTERNAL, Resolver


@dataclass(frozen=True, slots=True)
class Shown:
    """What one endpoint of a webhook served to one node, and what its caBundle makes of that."""

    node: str
    pod: str
    server_name: str
    trust: Trust
    answered: bool = False
    """Whether a TLS answer came."""
    detail: str = ""
    begins: float = 0.0
    """Unix time in seconds from which on the certificate is valid; 0 where nobody knows."""
    ends: float = 0.0
    """Unix time in seconds at which it ends; 0 where nobody knows."""
    at: float = 0.0
    """Unix time in seconds on the node when it was served."""

    def line(self) -> Text:
        """It as evidence."""
        unjudged = self.answered and self.trust is Trust.UNANSWERED
        return say(
            "{pod} on {node} as {name}: {words}",
            pod=self.pod,
            node=self.node,
            name=self.server_name,
            words=self.detail or (say("answered") if unjudged else str(self.trust)),
        )


@dataclass(frozen=True, slots=True)
class Looked:
    """What all judgements of one run share."""

    gathered: Observed
    resolver: Resolver
    shown: tuple[tuple[Hook, tuple[Shown, ...]], ...]
    """Every webhook that is meant, with what it served."""

    @property
    def hooks(self) -> list[Hook]:
        """Every webhook that is meant."""
        return [hook for hook, _ in self.shown]


def look(gathered: Observed) -> Looked:
    """Whom the API server finds, and what was served, of every webhook that is meant."""
    snapshot = gathered.snapshot
    resolver = Resolver(snapshot)
    served = _by_name(gathered)
    hooks = hooks_in(snapshot, gathered.parameters.namespace)
    shown = tuple((hook, tuple(_shown_by(hook, resolver, served.get(hook.server_name, ())))) for hook in hooks)
    return Looked(gathered, resolver, shown)


def _by_name(gathered: Observed) -> Mapping[str, Sequence[tuple[str, Certificate]]]:
    """What was served to which node, by the name that was asked for."""
    served: dict[str, list[tuple[str, Certificate]]] = defaultdict(list)
    for heard in gathered.on(Network.HOST):
        for certificate in heard.data.certificates:
            served[certificate.server_name].append((heard.node, certificate))
    return served


def _shown_by(hook: Hook, resolver: Resolver, served: Sequence[tuple[str, Certificate]]) -> list[Shown]:
    if not served:
        return []
    ports = _ports(hook, resolver)
    return [_judged(hook, node, certificate) for node, certificate in served if _is_of(hook, certificate, ports)]


def _ports(hook: Hook, resolver: Resolver) -> frozenset[int]:
    """The ports on which the webhook is greeted."""
    if hook.service is None:
        return frozenset({hook.host[1]})
    resolved = resolver.resolve(hook.service)
    return frozenset({hook.service.port} if resolved.outcome == EXTERNAL else {port for _, port in resolved.targets})


def _is_of(hook: Hook, certificate: Certificate, ports: frozenset[int]) -> bool:
    if certificate.bundle:
        return certificate.bundle == fingerprint(hook.ca_bundle)
    return certificate.port in ports


def _judged(hook: Hook, node: str, certificate: Certificate) -> Shown:
    """A certificate in the judgement of the hook's caBundle; of an old recording in that of its agent."""
    known = Shown(
        node=node,
        pod=certificate.pod,
        server_name=certificate.server_name,
        trust=certificate.trust,
        answered=bool(certificate.chain) or certificate.trust is not Trust.UNANSWERED,
        detail=certificate.detail,
        ends=certificate.expires_at,
        at=certificate.observed_at,
    )
    if not certificate.chain or not hook.ca_bundle:
        return known
    # Its library is heavy, and only whoever judges a certificate needs it.
    from checks.webhook.verifier import roots_of, verify

    verdict = verify(certificate.chain, roots_of(hook.ca_bundle), hook.server_name, certificate.observed_at)
    return Shown(
        node=node,
        pod=certificate.pod,
        server_name=certificate.server_name,
        trust=verdict.trust,
        answered=True,
        detail=verdict.detail,
        begins=verdict.begins,
        ends=verdict.ends,
        at=certificate.observed_at,
    )


def holds_certificates(bundle: str) -> bool:
    """Whether Go finds any certificate in a caBundle."""
    from checks.webhook.verifier import roots_of

    return bool(roots_of(bundle))
