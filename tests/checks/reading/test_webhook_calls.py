"""What the API server says of a webhook is read for what it says, whatever was done to it on its way."""

import pytest

from checks.reading.plain import plain
from checks.reading.read import read, read_all, read_answer
from checks.reading.refusal import ADMISSION
from checks.reading.webhook import WEBHOOK
from checks.webhook.dry_run import DRY_RUN

CALL = 'Internal error occurred: failed calling webhook "ipaddresspoolvalidationwebhook.metallb.io": '
POST = (
    CALL + 'failed to call webhook: Post "https://metallb-webhook-service.metallb-system.svc:443'
    '/validate-metallb-io-v1beta1-ipaddresspool?timeout=10s": '
)
OLD = CALL + 'Post "https://webhook-service.metallb-system.svc:443/validate-x?timeout=10s": '
FROM_SERVER = 'Error from server (InternalError): error when creating "pool.yaml": ' + POST

TEXTS = [
    (FROM_SERVER + "context deadline exceeded", "timeout", "timeout"),
    (OLD + "context deadline exceeded", "timeout", "timeout"),
    (POST + "net/http: request canceled (Client.Timeout exceeded while awaiting headers)", "hangs", "hangs"),
    (POST + "context deadline exceeded (Client.Timeout exceeded while awaiting headers)", "hangs", "hangs"),
    (
        POST + "dial tcp 10.96.160.30:443: i/o timeout (Client.Timeout exceeded while awaiting headers)",
        "timeout",
        "timeout",
    ),
    (
        POST
        + "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
        "timeout",
        "timeout",
    ),
    (POST + "dial tcp 10.96.160.30:443: i/o timeout", "timeout", "timeout"),
    (POST + "dial tcp 10.96.160.30:443: connect: connection timed out", "timeout", "timeout"),
    (POST + "net/http: TLS handshake timeout", "timeout", "tls-timeout"),
    (POST + "read tcp 172.30.0.10:51120->10.244.1.5:9443: read: connection timed out", "timeout", "timeout"),
    (
        CALL + "failed to call webhook: the server was unable to return a response in time: 504 Gateway Timeout",
        "timeout",
        "timeout",
    ),
    (CALL + "failed to call webhook: No agent available", "tunnel", "tunnel"),
    (
        POST + "proxy error from 127.0.0.1:6443 while dialing 10.42.3.16:9443, code 503: 503 Service Unavailable",
        "tunnel",
        "tunnel",
    ),
    (POST + "Forbidden", "proxy", "proxy"),
    (POST + "Service Unavailable", "proxy", "proxy"),
    (POST + "Bad Gateway", "proxy", "proxy"),
    (POST + "dial tcp 10.96.160.30:443: connect: connection refused", "refused", "refused"),
    (POST + "dial tcp [fd00:10:96::a1]:443: connect: connection refused", "refused", "refused"),
    (POST + 'no endpoints available for service "metallb-webhook-service"', "no-endpoints", "no-endpoints"),
    (
        CALL + 'failed to call webhook: no endpoints available for service "webhook-service"',
        "no-endpoints",
        "no-endpoints",
    ),
    (CALL + 'failed to call webhook: service "webhook-service" not found', "no-endpoints", "no-service"),
    (CALL + 'service "webhook-service" not found', "no-endpoints", "no-service"),
    (
        CALL + 'failed to call webhook: no service port 443 found for service "webhook-service"',
        "no-endpoints",
        "no-service",
    ),
    (POST + "x509: certificate signed by unknown authority", "x509", "authority"),
    (
        POST + "tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of "
        '"crypto/rsa: verification error" while trying to verify candidate authority certificate "cert")',
        "x509",
        "authority",
    ),
    (
        POST + "x509: certificate has expired or is not yet valid: current time 2024-05-01T00:00:00Z is after "
        "2024-04-30T10:11:12Z",
        "x509",
        "expired",
    ),
    (
        POST + "x509: certificate is valid for webhook-service, webhook-service.metallb-system.svc, not "
        "metallb-webhook-service.metallb-system.svc",
        "x509",
        "name",
    ),
    (
        POST + "x509: certificate relies on legacy Common Name field, use SANs instead",
        "x509",
        "name",
    ),
    (POST + "x509: cannot validate certificate for 10.0.0.1 because it doesn't contain any IP SANs", "x509", "name"),
    (
        CALL + "failed to call webhook: unable to load root certificates: unable to parse bytes as PEM block",
        "x509",
        "authority",
    ),
    (POST + "tls: failed to parse certificate from server: x509: negative serial number", "x509", "x509"),
    (POST + "proxyconnect tcp: dial tcp 10.1.2.3:3128: connect: connection refused", "proxy", "proxy"),
    (POST + "proxyconnect tcp: dial tcp: lookup proxy.corp on 10.0.0.2:53: no such host", "proxy", "proxy"),
    (POST + "Proxy Authentication Required", "proxy", "proxy"),
    (POST + "dial tcp: lookup hook.example.org on 10.96.0.10:53: no such host", "lookup", "lookup"),
    (
        POST + "dial tcp: lookup hook.example.org on 10.96.0.10:53: read udp 10.0.0.4:4711->10.96.0.10:53: i/o timeout",
        "lookup",
        "lookup",
    ),
    (POST + "dial tcp: lookup hook.example.org on 127.0.0.53:53: server misbehaving", "lookup", "lookup"),
    (POST + "EOF", "other", "reset"),
    (POST + "unexpected EOF", "other", "reset"),
    (POST + "read tcp 10.0.0.1:5->10.0.0.2:9443: read: connection reset by peer", "other", "reset"),
    (POST + "http2: client connection lost", "other", "reset"),
    (POST + "http: server gave HTTP response to HTTPS client", "other", "plain-http"),
    (POST + "tls: first record does not look like a TLS handshake", "other", "plain-http"),
    (POST + "remote error: tls: bad certificate", "other", "tls"),
    (POST + "remote error: tls: internal error", "other", "tls"),
    (POST + "dial tcp 10.96.160.30:443: connect: no route to host", "no-route", "no-route"),
    (POST + "dial tcp 10.96.160.30:443: connect: network is unreachable", "no-route", "no-route"),
    (POST + "dial tcp 10.96.160.30:443: connect: operation not permitted", "no-route", "local-firewall"),
    (CALL + "failed to call webhook: the server could not find the requested resource", "other", "http-status"),
    (
        (
            'admission webhook "ipaddresspoolvalidationwebhook.metallb.io" denied the request: CIDR "192.0.2.0/24" in '
            'pool "b" overlaps with already defined CIDR "192.0.2.0/24"'
        ),
        "denied",
        "denied",
    ),
    (
        'Error from server: admission webhook "x.y" denied the request: dial tcp 10.1.1.1:443: i/o timeout',
        "denied",
        "denied",
    ),
    ('admission webhook "x.y" does not support dry run', "not-called", "dry-run-unsupported"),
    (
        (
            'ipaddresspools.metallb.io is forbidden: User "system:serviceaccount:netcheck:worker" cannot create '
            'resource "ipaddresspools" in API group "metallb.io" in the namespace "metallb-system"'
        ),
        "not-called",
        "rbac",
    ),
    (
        (
            "ipaddresspools.metallb.io \"netcheck-dry-run\" is forbidden: ValidatingAdmissionPolicy 'dry-run' with "
            "binding 'dry-run-only' denied request: only dry runs"
        ),
        "denied",
        "policy",
    ),
    (
        'pods "speaker-" is forbidden: violates PodSecurity "baseline:latest": hostNetwork',
        "pod-security",
        "pod-security",
    ),
    ('pods "web" is forbidden: exceeded quota: compute', "denied", "quota"),
    ("context deadline exceeded", "timeout", "timeout"),
]


@pytest.mark.parametrize(("text", "outcome", "name"), TEXTS)
def test_texts(text: str, outcome: str, name: str) -> None:
    """Each text is put down to the one thing it says."""
    reading = read_answer(text)

    assert (outcome, name) == (reading.outcome, reading.phrase.name if reading.phrase else "")


def test_every_phrase_is_met() -> None:
    """No phrase stands in the tables without a text that it was written for."""
    assert {each.name for kind in (WEBHOOK, ADMISSION) for each in kind.phrases} == {name for _, _, name in TEXTS}


def test_what_a_text_says_of_a_webhook_the_dry_run_may_show() -> None:
    """The API server's answer to a dry run and a pasted text are read alike."""
    said = {each.outcome for each in WEBHOOK.phrases} | {"denied"}

    assert said == said & set(DRY_RUN.words)


MANGLED = [
    FROM_SERVER.replace('"', "“") + "context deadline exceeded",
    FROM_SERVER.replace('"', "&quot;").replace("?", "&#63;") + "context deadline exceeded",
    FROM_SERVER.replace(" ", "\n", 12) + "context\u00a0deadline\nexceeded",
    FROM_SERVER.replace("https://metallb", "<https://metallb").replace('10s"', '10s|link>"')
    + "context deadline exceeded",
    "```\n" + FROM_SERVER + "context deadline exceeded\n```",
    FROM_SERVER.replace('"', '\\"') + "context deadline exceeded",
    "Warning: x &lt;b&gt;\r\n" + FROM_SERVER + "context deadline exceeded…",
]


@pytest.mark.parametrize("text", MANGLED)
def test_mangled_texts(text: str) -> None:
    """Smart quotes, escapes, link marks and line breaks of chat programs change nothing."""
    (reading,) = read_all(text)

    assert reading.kind is WEBHOOK
    assert ("timeout", "ipaddresspoolvalidationwebhook.metallb.io") == (reading.outcome, reading.webhook)
    assert reading.url.startswith("https://metallb-webhook-service.metallb-system.svc:443/validate-metallb")


def test_dialled_address_is_found() -> None:
    """The address that was dialled tells a ClusterIP from an endpoint; an answer's peer counts too."""
    assert "10.96.160.30:443" == read(POST + "dial tcp 10.96.160.30:443: i/o timeout").address
    assert "[fd00::1]:443" == read(POST + "dial tcp [fd00::1]:443: i/o timeout").address
    assert "10.244.1.5:9443" == read(POST + "read tcp 1.2.3.4:5->10.244.1.5:9443: read: connection timed out").address


def test_plain_keeps_slack_links_readable() -> None:
    """A link that Slack marked is its address again."""
    assert 'Post "https://a.svc:443/x": EOF' == plain("Post &quot;<https://a.svc:443/x|a.svc:443/x>&quot;: EOF")


@pytest.mark.parametrize(
    "piece",
    [
        "admission webhook ",
        "lookup a",
        'failed calling webhook "',
        "<https://",
        "&amp;",
        "a.b:",
        "10.0.0.1:443 ",
        "IN= OUT= ",
        "bgp ",
        "user x ",
        "failed to pull ",
        "https://10.0.0.1/api ",
    ],
)
@pytest.mark.timeout(20)
def test_hostile_texts_do_not_keep_a_pattern_busy(piece: str) -> None:
    """Ten thousand characters made for backtracking are read; a pattern that tries every way would take hours."""
    text = (piece * 10_000)[:10_000]

    assert read(text).kind is read(text[: len(text) // 2]).kind
    read_all(text.replace(" ", "\n"))
