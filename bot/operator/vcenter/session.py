"""A login to vCenter: reads that survive its end, changes that are sent once, and tasks that are waited for.

Facts behind it, measured with pyvmomi 9.1 and read in its source: for `localhost` and loopback addresses it does not
verify certificates unless a context is passed; its SmartConnect asks for the server's versions without any time limit,
so the version is chosen here; and it does not send a call again by itself.
"""

import http.client
import logging
import ssl
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from xml.parsers.expat import ExpatError

from pyVmomi import SoapStubAdapter, vim, vmodl
from pyVmomi.VmomiSupport import GetServiceVersions, versionIdMap

from bot.operator.vcenter.account import Account
from bot.operator.vcenter.errors import (
    OutcomeUnknownError,
    SessionEndedError,
    UnreachableError,
    VCenterError,
)
from bot.operator.vcenter.faults import UNSURE, said
from bot.operator.vcenter.waiting import wait

CALL_TIMEOUT_S = 30.0
"""So long the server may be silent within one call."""
_OLDEST = "vim.version.version10"
"""vSphere 6.0: every server that is still in use speaks it."""
_GONE = "gone"
"""In the place of a task's state."""
_PAGE = 200
"""Objects in one answer."""
_BROKEN = (OSError, http.client.HTTPException, ExpatError)
"""What pyvmomi lets through when a connection fails: sockets, time-outs and TLS are OSErrors."""
_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
"""What pyvmomi raises over an answer that does not fit its types, as an enumeration with an empty value."""

Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Session:
    """One login. It is of one thread.

    Raises:
        ConfigError: the file with the authorities cannot be read.
        LoginError: vCenter does not know the user or the password.
        UnreachableError: it does not answer in time, or its certificate does not fit.
    """

    def __init__(self, account: Account, timeout_s: float = CALL_TIMEOUT_S) -> None:
        self._account = account
        self._timeout_s = timeout_s
        self._tls = account.trust()
        self._stub: Any = self._adapter(_OLDEST)
        self.content: Any = self._ask(self._connected)
        try:
            self._ask(self._login)
        except VCenterError:
            self._stub.DropConnections()
            raise

    def close(self) -> None:
        """Log out, as far as the server can still be told."""
        try:
            self.content.sessionManager.Logout()
        except (vmodl.MethodFault, *_BROKEN) as error:
            log.debug("vCenter was not told of the logout: %s", error)
        self._stub.DropConnections()

    def object(self, kind: Any, ref: str) -> Any:
        """The managed object of that id, which is not asked for anything yet."""
        return kind(ref, self._stub)

    def read(self, call: Callable[[], Result], what: str) -> Result:
        """Make a call that changes nothing, again if need be.

        Args:
            call: Makes it.
            what: What it is for, as the beginning of a sentence.

        Raises:
            VCenterError: it is refused, or the server does not answer.
        """
        try:
            return self._ask(call, what)
        except SessionEndedError:
            self._ask(self._login)
        except UnreachableError as error:
            if not isinstance(error.__cause__, ConnectionError | ssl.SSLEOFError):
                raise
            # A server that was restarted, or closed an idle connection, is there for a new one.
            log.info("asking vCenter again: %s", error)
        try:
            return self._ask(call, what)
        except SessionEndedError:  # the server was restarted: it answers again and knows nobody
            self._ask(self._login)
            return self._ask(call, what)

    def change(self, call: Callable[[], Result], what: str) -> Result:
        """Make a call that changes something, once.

        Raises:
            OutcomeUnknownError: it was sent, and no answer came.
            VCenterError: it was refused and did nothing.
        """
        # It goes out on a connection and a session that worked a moment ago, so that whatever fails now is news.
        self.read(self._server_time, what)
        try:
            return self._ask(call, what)
        except VCenterError as error:
            if isinstance(error.__cause__, (*_BROKEN, *_UNREADABLE, *UNSURE)):
                raise _unknown(what, str(error)) from error
            raise

    def finish(self, task: Any, what: str, deadline: float) -> None:
        """Wait for the end of a task that was started.

        Args:
            task: The `vim.Task`.
            what: What it does, as the beginning of a sentence.
            deadline: By `time.monotonic`.

        Raises:
            OutcomeUnknownError: it has not ended by then, the server does not tell, or does not know itself.
            VCenterError: it failed, and did nothing.
        """
        info: dict[str, Any] = {}

        def ended() -> bool:
            nonlocal info
            read = self.properties([task], vim.Task, ("info.state", "info.error"), what)
            info = read.get(ref(task), {"info.state": _GONE})
            return info["info.state"] not in {"queued", "running"}

        try:
            done = wait(ended, deadline)
        except VCenterError as error:
            raise _unknown(what, str(error)) from error
        if not done or info["info.state"] == _GONE:
            raise _unknown(what, "vCenter forgot its task" if done else "its task has not ended in time")
        if info["info.state"] != "error":
            return
        fault = info.get("info.error")
        reason = said(fault, what)
        raise _unknown(what, str(reason)) if isinstance(fault, UNSURE) else reason

    def properties(
        self, objects: Iterable[Any], kind: Any, paths: Iterable[str], what: str
    ) -> dict[str, dict[str, Any]]:
        """Read properties: object id -> path -> value. What is not set is left out, as is an object that is gone.

        Raises:
            VCenterError: as `read`; also when a property may not be read.
        """
        collector = vmodl.query.PropertyCollector
        spec = collector.FilterSpec(
            objectSet=[collector.ObjectSpec(obj=each) for each in objects],
            propSet=[collector.PropertySpec(type=kind, pathSet=list(paths))],
            reportMissingObjectsInResults=True,
        )
        found = self.read(lambda: self._pages(spec), what)
        return {key: values for key, values in found.items() if values}

    def all_machines(self, paths: Iterable[str], what: str) -> dict[str, dict[str, Any]]:
        """Read properties of every virtual machine that the user may see, as `properties` does."""
        collector = vmodl.query.PropertyCollector
        wanted = collector.PropertySpec(type=vim.VirtualMachine, pathSet=list(paths))
        through = collector.TraversalSpec(name="view", path="view", skip=False, type=vim.view.ContainerView)

        def call() -> dict[str, dict[str, Any]]:
            # The view ends with the session, so all of it is one call to whoever repeats it.
            manager, root = self.content.viewManager, self.content.rootFolder
            view = manager.CreateContainerView(container=root, type=[vim.VirtualMachine], recursive=True)
            start = collector.ObjectSpec(obj=view, skip=True, selectSet=[through])
            found = self._pages(collector.FilterSpec(objectSet=[start], propSet=[wanted]))
            view.Destroy()
            return found

        return self.read(call, what)

    def _pages(self, spec: Any) -> dict[str, dict[str, Any]]:
        options = vmodl.query.PropertyCollector.RetrieveOptions(maxObjects=_PAGE)
        page = self.content.propertyCollector.RetrievePropertiesEx([spec], options)
        found: dict[str, dict[str, Any]] = {}
        while page is not None:
            found |= {ref(each.obj): _values(each) for each in page.objects or []}
            page = page.token and self.content.propertyCollector.ContinueRetrievePropertiesEx(page.token)
        return found

    def _server_time(self) -> Any:
        return self.object(vim.ServiceInstance, "ServiceInstance").CurrentTime()

    def _ask(self, call: Callable[[], Result], what: str = "") -> Result:
        what = what or f"Logging in to vCenter {self._account.host}"
        try:
            return call()
        except vmodl.MethodFault as fault:
            raise said(fault, what) from fault
        except ssl.SSLCertVerificationError as error:
            raise UnreachableError(
                f"{what}: the certificate that {self._account.host} shows is not trusted: {error.verify_message}.",
                hint="Set NETCHECK_VCENTER_CA to the authority that issued it, and the name that stands in it.",
            ) from error
        except _BROKEN as error:
            raise UnreachableError(f"{what}: {self._no_answer(error)}.", hint=_UNREACHABLE) from error
        except _UNREADABLE as error:
            raise VCenterError(
                f"{what}: vCenter's answer cannot be read ({type(error).__name__}: {error}).",
                hint="Report it with vCenter's version, and do this by hand meanwhile.",
            ) from error

    def _no_answer(self, error: Exception) -> str:
        server = f"{self._account.host}:{self._account.port}"
        if isinstance(error, TimeoutError):
            return f"{server} did not answer within {self._timeout_s:g} s"
        return f"{server} does not answer ({error or type(error).__name__})"

    def _connected(self) -> Any:
        told = self._service().about.apiVersion
        self._stub.DropConnections()
        self._stub = self._adapter(_version(told))
        return self._service()

    def _service(self) -> Any:
        return self.object(vim.ServiceInstance, "ServiceInstance").RetrieveContent()

    def _adapter(self, version: str) -> Any:
        return SoapStubAdapter(
            host=self._account.host,
            port=self._account.port,
            version=version,
            poolSize=1,
            sslContext=self._tls,
            httpConnectionTimeout=self._timeout_s,
        )

    def _login(self) -> Any:
        return self.content.sessionManager.Login(self._account.user, self._account.password)


_UNREACHABLE = "See that NETCHECK_VCENTER_HOST is right and that this pod may reach it."


def _unknown(what: str, why: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"{what}: whether it was done is not known: {why}.", hint="Look what is true now before anything is repeated."
    )


def _version(told: str) -> str:
    """The newest version that pyvmomi and the server both know."""
    limit = _numbers(told)
    known = [version for version in GetServiceVersions("vim25") if version.startswith("vim.")]
    fitting = [version for version in known if () < _numbers(versionIdMap[version]) <= limit]
    return max(fitting, key=lambda version: _numbers(versionIdMap[version]), default=_OLDEST)


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()


def ref(managed: Any) -> str:
    """The id of a managed object: `vm-42`."""
    return str(managed._GetMoId())  # noqa: SLF001 - pyvmomi has no other way to it


def _values(content: Any) -> dict[str, Any]:
    for missing in content.missingSet or []:
        # Without a session, properties are missing instead of the call being refused.
        if isinstance(missing.fault, vim.fault.NoPermission):
            raise missing.fault
    return {each.name: each.val for each in content.propSet or []}
