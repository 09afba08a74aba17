"""What goes to a proxy is what Go sends there: every row was answered by `golang.org/x/net/http/httpproxy` 0.42."""

import pytest

from checks.apiserver.proxies import Proxies

PROXY = "http://proxy.example.org:3128"
SVC, ADDRESS, V6 = ("hook.prod.svc", 443), ("10.96.0.1", 443), ("fd00::1", 10250)


@pytest.mark.parametrize(
    ("exceptions", "target", "taken"),
    [
        ("", SVC, True),
        (".svc", SVC, False),
        ("svc", SVC, False),
        ("*.svc", SVC, False),
        ("*svc", SVC, True),
        (".SVC", SVC, False),
        (" .svc ,x", SVC, False),
        (".svc x", SVC, True),
        (".svc:443", SVC, False),
        (".svc:8443", SVC, True),
        (".svc.cluster.local", SVC, True),
        ("prod.svc", SVC, False),
        ("hook.prod.svc", SVC, False),
        (".hook.prod.svc", SVC, True),
        ("*", SVC, False),
        ("10.96.0.0/12", SVC, True),
        ("10.96.0.0/12", ADDRESS, False),
        ("10.96.0.5/16", ADDRESS, False),
        ("10.97.0.0/16", ADDRESS, True),
        ("10.96.0.0/33", ADDRESS, True),
        ("10.96.0.1", ADDRESS, False),
        ("10.96.0.1:443", ADDRESS, False),
        ("10.96.0.1:6443", ADDRESS, True),
        ("10.96.", ADDRESS, True),
        ("10.96.0.*", ADDRESS, True),
        ("::ffff:10.96.0.1", ADDRESS, False),
        (".svc", ADDRESS, True),
        ("fd00::/8", V6, False),
        ("fd00::1", V6, False),
        ("[fd00::1]:10250", V6, False),
        ("[fd00::1]", V6, True),
        ("", ("localhost", 443), False),
        ("", ("127.0.0.1", 443), False),
        ("", ("::1", 443), False),
    ],
)
def test_what_goes_to_the_proxy(exceptions: str, target: tuple[str, int], taken: bool) -> None:  # noqa: FBT001 - a column of the table
    """Names, networks, addresses, ports and `*`; spaces part nothing."""
    assert taken == Proxies.of({"HTTPS_PROXY": PROXY, "NO_PROXY": exceptions}).takes(*target)


@pytest.mark.parametrize(
    ("environment", "taken"),
    [
        ({}, False),
        ({"HTTP_PROXY": PROXY}, False),
        ({"https_proxy": PROXY}, True),
        ({"https_proxy": PROXY, "no_proxy": ".svc"}, False),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "", "no_proxy": ".svc"}, False),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "x", "no_proxy": ".svc"}, True),
    ],
)
def test_capitals_come_first(environment: dict[str, str], taken: bool) -> None:  # noqa: FBT001 - a column of the table
    """As `getEnvAny` reads them: the first that is not empty."""
    assert taken == Proxies.of(environment).takes(*SVC)
