"""How a VM is powered and its adapter replaced by hand in vSphere: its own page, govc, PowerCLI. Everything filled in.

The VM is found by the node's system UUID, in both byte orders, because hardware version 13 and newer show Linux the
first three groups reversed; and its adapter by the MAC address. Never by name alone.
"""

import re
import uuid

from bot.runbooks.model import Form
from checks.inventory import Adapter, Machine
from checks.text import say

_CLASSES = {"e1000e": "E1000E", "vmxnet3": "VMXNET 3"}
"""As vSphere's page calls them."""
_POWERCLI = {"e1000e": "e1000e", "vmxnet3": "Vmxnet3"}


def uuids(machine: Machine) -> tuple[str, ...]:
    """The UUIDs under which vSphere may know the VM, the likelier one first; none when the node tells none."""
    match = re.fullmatch(r"vsphere://([0-9a-fA-F-]{36})", machine.provider_id)
    try:
        kernel = uuid.UUID(machine.system_uuid)
        provided = [str(uuid.UUID(match[1]))] if match else []
    except ValueError:
        return ()
    return tuple(dict.fromkeys([*provided, str(uuid.UUID(bytes_le=kernel.bytes)), str(kernel)]))


def shut_down(machine: Machine) -> tuple[Form, ...]:
    """Shut the guest down and wait until the VM is off."""
    return (
        Form(
            say("vSphere's page"), (f"{_named(machine)}: Power > Shut Down Guest OS, and wait until it is powered off",)
        ),
        Form(say("govc"), (*_govc_vm(machine), 'govc vm.power -s -wait "$VM"')),
        Form(say("PowerCLI"), (_powercli_vm(machine), "Stop-VMGuest -VM $vm -Confirm:$false")),
    )


def power_on(machine: Machine) -> tuple[Form, ...]:
    """Power the VM on."""
    return (
        Form(say("vSphere's page"), (f"{_named(machine)}: Power > Power On",)),
        Form(say("govc"), (*_govc_vm(machine), 'govc vm.power -on "$VM"')),
        Form(say("PowerCLI"), (_powercli_vm(machine), "Start-VM -VM $vm")),
    )


def swap(machine: Machine, adapter: Adapter, to: str) -> tuple[Form, ...]:
    """Replace the adapter of a VM that is off."""
    return (
        Form(say("vSphere's page"), _page(machine, adapter, to)),
        Form(say("govc"), (*_govc_vm(machine), *_govc_swap(adapter, to))),
        Form(say("PowerCLI"), (_powercli_vm(machine), *_powercli_swap(adapter, to))),
    )


def whole(machine: Machine, adapter: Adapter, to: str) -> tuple[Form, ...]:
    """Shut down, replace, power on."""
    return (
        Form(
            say("vSphere's page"),
            (
                f"{_named(machine)}: Power > Shut Down Guest OS, and wait until it is powered off",
                *_page(machine, adapter, to),
                "Power > Power On",
            ),
        ),
        Form(
            say("govc"),
            (
                *_govc_vm(machine),
                'govc vm.power -s -wait "$VM"',
                *_govc_swap(adapter, to),
                'govc vm.power -on "$VM"',
            ),
        ),
        Form(
            say("PowerCLI"),
            (
                _powercli_vm(machine),
                "Stop-VMGuest -VM $vm -Confirm:$false",
                "while ((Get-VM -Id $vm.Id).PowerState -ne 'PoweredOff') { Start-Sleep 2 }",
                *_powercli_swap(adapter, to),
                "Start-VM -VM $vm",
            ),
        ),
    )


def _named(machine: Machine) -> str:
    known = uuids(machine)
    return f"The VM of {machine.name}" + (f" (UUID {' or '.join(known)})" if known else "")


def _page(machine: Machine, adapter: Adapter, to: str) -> tuple[str, ...]:
    return (
        f"{_named(machine)}: Actions > Edit Settings",
        f"Find the network adapter whose MAC address is {adapter.mac}, and note its port group",
        "Remove this adapter (the cross at its end)",
        f"Add New Device > Network Adapter, with the same port group and Adapter Type {_CLASSES[to]}",
        f"MAC Address: Manual, {adapter.mac}; Connect At Power On: ticked; OK",
    )


def _govc_vm(machine: Machine) -> tuple[str, ...]:
    known = uuids(machine)
    if not known:
        return (f"VM=$(govc find / -type m -name {machine.name})",)
    tries = " || ".join(f"govc find / -type m -config.uuid {each} | grep ." for each in known)
    return (f"VM=$({tries})",)


def _govc_swap(adapter: Adapter, to: str) -> tuple[str, ...]:
    chosen = f"jq '.devices[] | select(.macAddress == \"{adapter.mac}\")'"
    name = adapter.mac.replace(":", "")
    return (
        f"govc device.info -json -vm \"$VM\" 'ethernet-*' | {chosen} > nic-{name}.json",
        f"NET=$(jq -r .deviceInfo.summary nic-{name}.json)",
        f'govc device.remove -vm "$VM" "$(jq -r .name nic-{name}.json)"',
        f'govc vm.network.add -vm "$VM" -net "$NET" -net.adapter {to} -net.address {adapter.mac}',
    )


def _powercli_vm(machine: Machine) -> str:
    known = uuids(machine)
    if not known:
        return f"$vm = Get-VM -Name '{machine.name}'"
    listed = ", ".join(f"'{each}'" for each in known)
    return f"$vm = Get-VM | Where-Object {{ $_.ExtensionData.Config.Uuid -in {listed} }}"


def _powercli_swap(adapter: Adapter, to: str) -> tuple[str, ...]:
    return (
        f"$nic = Get-NetworkAdapter -VM $vm | Where-Object {{ $_.MacAddress -eq '{adapter.mac}' }}",
        "$net = $nic.NetworkName",
        "Remove-NetworkAdapter -NetworkAdapter $nic -Confirm:$false",
        f"New-NetworkAdapter -VM $vm -NetworkName $net -Type {_POWERCLI[to]} -MacAddress {adapter.mac} -StartConnected",
    )
