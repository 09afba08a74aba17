"""Logging in to vCenter: who is on the other side, and how long it may take."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import Config
from bot.errors import ConfigError
from bot.operator.vcenter.account import Account, configured
from bot.operator.vcenter.client import VCenter
from bot.operator.vcenter.errors import LoginError, UnreachableError
from bot.runbooks.identity import Sought
from tests.checks.certificates import issue
from tests.vsphere.simulator import Simulator, mac, vm

pytestmark = pytest.mark.vsphere
CP = Sought(node="cp", system_uuid=str(vm("cp", 1)["uuid"]), macs=(mac(1),))


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[socket.socket] = []

        def take() -> None:
            try:
                while True:
                    taken.append(listener.accept()[0])
            except OSError:  # the test is over
                return

        thread = threading.Thread(target=take)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in taken:
            connection.close()


def test_the_settings_are_enough(vcenter: Simulator) -> None:
    """What docs/vcenter.md lists is all that is needed; without a host there is no vCenter."""
    account = vcenter.account
    settings = {
        "NETCHECK_VCENTER_HOST": account.host,
        "NETCHECK_VCENTER_PORT": str(account.port),
        "NETCHECK_VCENTER_USER": account.user,
        "NETCHECK_VCENTER_PASSWORD": account.password,
        "NETCHECK_VCENTER_CA": account.ca_file,
    }
    found = configured(Config(settings))
    assert account == found
    with VCenter.connect(found) as client:
        assert client.find(CP)
    assert configured(Config({})) is None
    with pytest.raises(ConfigError, match="NETCHECK_VCENTER_PASSWORD is not set"):
        configured(Config({**settings, "NETCHECK_VCENTER_PASSWORD": ""}))


def test_the_password_is_wrong(vcenter: Simulator) -> None:
    """That is told apart from everything else, and says which settings to look at."""
    with pytest.raises(LoginError, match="neither this user nor this password") as raised:
        VCenter.connect(replace(vcenter.account, password="hunter2"))
    assert "NETCHECK_VCENTER_USER" in raised.value.hint
    assert "hunter2" not in repr(replace(vcenter.account, password="hunter2"))


def test_the_authority_is_another(vcenter: Simulator, tmp_path: Path) -> None:
    """A certificate that nobody trusted issued is refused, although the server is on loopback."""
    other = tmp_path / "other.pem"
    other.write_bytes(issue("another authority").pem)
    for ca_file in (str(other), ""):
        with pytest.raises(UnreachableError, match="is not trusted"):
            VCenter.connect(replace(vcenter.account, ca_file=ca_file))
    assert 0 == vcenter.calls("Login")


def test_the_name_is_another(vcenter: Simulator) -> None:
    """A certificate for another name is refused, too."""
    with pytest.raises(UnreachableError, match=r"is not trusted: .*127\.0\.0\.1"):
        VCenter.connect(replace(vcenter.account, host="127.0.0.1"))


def test_the_file_of_authorities_cannot_be_read(vcenter: Simulator, tmp_path: Path) -> None:
    """It is the operator's to put right: missing, or no certificate in it."""
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("missing.pem", "empty.pem"):
        with pytest.raises(ConfigError, match=name):
            VCenter.connect(replace(vcenter.account, ca_file=str(tmp_path / name)))


def test_nobody_listens(vcenter: Simulator) -> None:
    """A server that is not there is said at once."""
    account = vcenter.account
    vcenter.kill()
    with pytest.raises(UnreachableError, match=f"localhost:{account.port} does not answer"):
        VCenter.connect(account)


def test_the_server_is_silent(silent: int) -> None:
    """A server that takes the connection and says nothing is given up after the time."""
    began = time.monotonic()
    with pytest.raises(UnreachableError, match=r"did not answer within 0\.5 s"):
        VCenter.connect(Account("localhost", silent, "user", "password"), timeout_s=0.5)
    assert time.monotonic() - began < 5


def test_a_read_that_is_never_answered(vcenter: Simulator) -> None:
    """It is given up after the time, and the next one finds the server again."""
    with VCenter.connect(vcenter.account, timeout_s=0.5) as client:
        vcenter.fault("hang", "FindAllByUuid")
        with pytest.raises(UnreachableError, match=r"within 0\.5 s"):
            client.find(CP)
        assert client.find(CP)


@pytest.mark.parametrize("kind", ["cut", "expire"])
def test_a_read_that_is_lost(vcenter: Simulator, kind: str) -> None:
    """A connection that breaks, or a session that ended, is replaced without a word."""
    with VCenter.connect(vcenter.account, timeout_s=3) as client:
        vcenter.fault(kind, "FindAllByUuid")
        assert client.find(CP)


def test_the_server_is_restarted(vcenter: Simulator) -> None:
    """The old login is of no use to the new server: another one is made."""
    with VCenter.connect(vcenter.account, timeout_s=3) as client:
        assert client.find(CP)
        vcenter.kill()
        vcenter.start([vm("cp", 1)])
        assert client.find(CP)
        assert 1 == vcenter.calls("Login")


def test_it_logs_out(vcenter: Simulator) -> None:
    """No session is left behind, and a server that is gone does not matter then."""
    with VCenter.connect(vcenter.account):
        pass
    assert 1 == vcenter.calls("Logout")
    with VCenter.connect(vcenter.account):
        vcenter.kill()
