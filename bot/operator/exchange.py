"""One node's VM shut down, its adapter exchanged, powered on again, and the node seen to be back.

Every part looks first whether it is done already, so it may be begun again wherever it was broken off.
"""

import time
from collections.abc import Iterator

from bot.errors import NetcheckError
from bot.language import ENGLISH
from bot.operator.cluster import nodes
from bot.operator.cluster.api import Api
from bot.operator.cluster.errors import ClusterError
from bot.operator.vcenter.account import Account
from bot.operator.vcenter.client import VCenter
from bot.operator.vcenter.errors import GuestStaysOnError, OutcomeUnknownError, ResultError, VCenterError
from bot.operator.vcenter.model import POWERED_OFF, POWERED_ON, Adapter, Machine
from bot.operator.vcenter.preflight import refusals
from bot.runbooks.identity import Sought
from bot.runbooks.operations import ExchangeAdapter
from checks.cluster.owner import owner_of

SHUTDOWN_S = 300.0
"""For a guest that shuts down; stopping containers takes most of it."""
BACK_S = 600.0
"""A node that is not back ten minutes after it was powered on is not coming by itself."""
_LOOK_S = 2.0


class NotExchanged(NetcheckError):  # noqa: N818 - says what is the case
    """The adapter is the one that it was."""


class NodeNotBack(NetcheckError):  # noqa: N818 - the same
    """The node was powered on and is not ready."""


class Exchange:
    """One such exchange."""

    def __init__(self, api: Api, account: Account, asked: ExchangeAdapter) -> None:
        self._api = api
        self._account = account
        self._asked = asked
        self._to = Adapter(asked.to)

    def act(self) -> list[str]:
        """Do whatever of it is not done yet; what was done, for people.

        Raises:
            NetcheckError: it could not be done; says what is true.
            OutcomeUnknownError: nobody knows how far it came.
        """
        self._preflight()
        before, sought = nodes.life(self._api, self._asked.node), self._sought()
        with VCenter.connect(self._account) as vcenter:
            machine = vcenter.find(sought)
            lines = list(self._changed(vcenter, vcenter.describe(machine)))
        if lines:
            lines.append(self._back(before))
        return lines or [f"{self._asked.node} has a {self._to} adapter already, and is on."]

    def done(self) -> bool:
        """Whether the adapter is of the type that was asked for, and the VM on."""
        with VCenter.connect(self._account) as vcenter:
            seen = vcenter.look(vcenter.find(self._sought()), self._asked.mac)
        return (seen.type, seen.power, seen.tasks) == (self._to, POWERED_ON, ())

    def _sought(self) -> Sought:
        node = nodes.look(self._api, self._asked.node)
        return Sought(
            node=self._asked.node,
            system_uuid=node.status.node_info.system_uuid,
            provider_id=node.spec.provider_id,
            macs=(self._asked.mac,),
        )

    def _preflight(self) -> None:
        objections = [each for each in nodes.preflight(self._api, self._asked.node) if not each.consent]
        if objections:
            said = " ".join(ENGLISH.words(each.text) for each in objections)
            raise NotExchanged(said, hint="Nothing was changed. Put that right first.")

    def _changed(self, vcenter: VCenter, machine: Machine) -> Iterator[str]:
        """What was changed, one line each."""
        name, ref = machine.name, machine.ref
        swapped = all(nic.type == self._to for nic in machine.having(self._asked.mac)) and machine.having(
            self._asked.mac
        )
        if not swapped:
            self._refuse(machine)
            if machine.power != POWERED_OFF:
                yield self._off(vcenter, machine)
            yield self._swapped(vcenter, machine)
        if vcenter.power_on(ref):
            yield f"The VM {name} was powered on."

    def _refuse(self, machine: Machine) -> None:
        node = nodes.look(self._api, self._asked.node)
        maker = owner_of(node.metadata.labels, node.metadata.annotations)
        reasons = refusals(machine, self._asked.mac, self._to, maker=maker, owned=self._asked.owned)
        if reasons:
            said = " ".join(ENGLISH.words(reason) for reason in reasons)
            raise NodeNotBack(
                f"The adapter of {machine.name} must not be exchanged: {said}", hint="Nothing was changed."
            )

    def _off(self, vcenter: VCenter, machine: Machine) -> str:
        try:
            vcenter.shutdown_guest(machine.ref)
            vcenter.wait_powered_off(machine.ref, SHUTDOWN_S)
        except GuestStaysOnError:
            if not self._asked.cut_power:
                raise
            vcenter.power_off(machine.ref)
            return f"The guest of {machine.name} did not shut down, so its power was cut."
        return f"The VM {machine.name} was shut down."

    def _swapped(self, vcenter: VCenter, machine: Machine) -> str:
        shown = machine.having(self._asked.mac)
        try:
            done = vcenter.swap(machine.ref, self._asked.mac, self._to, expected=shown[0] if shown else None)
        except (OutcomeUnknownError, ResultError):
            # With an adapter that is not as it should be, the machine had better stay off.
            raise
        except VCenterError as error:
            vcenter.power_on(machine.ref)
            raise NotExchanged(
                f"{error} The adapter is as it was, and {machine.name} was powered on again.", hint=error.hint
            ) from error
        return f"The adapter {done.after.mac} of {machine.name} is {done.after.type} now; it was {done.before.type}."

    def _back(self, before: nodes.Life) -> str:
        began = time.monotonic()
        while time.monotonic() < began + BACK_S:
            try:
                if nodes.returned(before, nodes.life(self._api, self._asked.node)).complete:
                    return f"{self._asked.node} was ready again after {time.monotonic() - began:.0f} s."
            except ClusterError:
                # The API server may be on this very node.
                pass
            time.sleep(_LOOK_S)
        raise NodeNotBack(
            f"{self._asked.node} was powered on and is not ready after {BACK_S / 60:.0f} minutes.",
            hint="Look at its console, or roll back: the former adapter is put back in the same way.",
        )
