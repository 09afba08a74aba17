"""How to exchange an adapter by hand, with this machine's own names filled in: to be copied as they are.

What is not known is looked up by the commands themselves, by UUID and MAC, so the same forms work without a vCenter
login. The commands are those of govc 0.52 (read in its source) and of VMware PowerCLI's reference.
"""

import shlex

import msgspec

from bot.operator.vcenter.identity import candidates
from bot.operator.vcenter.model import Adapter, Distributed, Machine, Nic
from checks.text import Text, say

_UI_NAMES = {Adapter.E1000E: "E1000E", Adapter.VMXNET3: "VMXNET 3"}
_POWERCLI_NAMES = {Adapter.E1000E: "e1000e", Adapter.VMXNET3: "Vmxnet3"}


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a node's adapter; only the first three always are."""

    node: str
    mac: str
    uuids: tuple[str, ...]
    """By which vCenter may know the machine."""
    machine: str = ""
    """The machine's name."""
    network: str = ""
    distributed: bool = False
    """The network is a port group of a distributed switch."""
    label: str = ""
    """What vSphere's pages call the adapter."""
    key: int = 0
    """The device's key; 0 when it is not known."""


class Form(msgspec.Struct, frozen=True):
    """One way to do it."""

    heading: Text
    lines: tuple[Text | str, ...]
    """What to do, in order: sentences, and lines to be typed."""


def known(node: str, machine: Machine, nic: Nic) -> Subject:
    """The subject when vCenter told of it."""
    return Subject(
        node=node,
        mac=nic.mac,
        uuids=(machine.uuid,) if machine.uuid else (),
        machine=machine.name,
        network=nic.network,
        distributed=isinstance(nic.backing, Distributed),
        label=nic.label,
        key=nic.key,
    )


def unknown(node: str, mac: str, system_uuid: str, provider_id: str = "") -> Subject:
    """The subject when there is no vCenter to ask: what Kubernetes and the node tell."""
    return Subject(node=node, mac=mac.lower(), uuids=candidates(system_uuid, provider_id))


def manual_instructions(subject: Subject, to: Adapter) -> list[Form]:
    """Every way to exchange the adapter by hand. The way back is the same with the other type."""
    return [
        Form(say("In the vSphere Client"), _client(subject, to)),
        Form(say("With govc"), tuple(_govc(subject, to))),
        Form(say("With PowerCLI"), tuple(_powercli(subject, to))),
    ]


def _client(subject: Subject, to: Adapter) -> tuple[Text, ...]:
    return (
        _which(subject),
        say("Actions > Power > Shut Down Guest OS, and wait until it is off."),
        say("Actions > Edit Settings. The type of an adapter cannot be changed there, so it is removed and added."),
        _removed(subject),
        _added(subject),
        say("Adapter Type: {type}. MAC Address: Manual, {mac}.", type=_UI_NAMES[to], mac=subject.mac),
        say("Status: Connect At Power On. OK, then Actions > Power > Power On."),
    )


def _which(subject: Subject) -> Text:
    if subject.machine:
        return say("Open the VM {machine}.", machine=subject.machine)
    return say(
        "Open the VM of the node {node}: the one whose network adapter has the MAC {mac}.",
        node=subject.node,
        mac=subject.mac,
    )


def _removed(subject: Subject) -> Text:
    if subject.label:
        return say(
            "Remove {label} (MAC {mac}, device key {key}).", label=subject.label, mac=subject.mac, key=subject.key
        )
    return say("Note the network of the adapter with the MAC {mac}, and remove it.", mac=subject.mac)


def _added(subject: Subject) -> Text:
    if subject.network:
        return say("Add New Device > Network Adapter, on the network {network}.", network=subject.network)
    return say("Add New Device > Network Adapter, on the same network.")


def _govc(subject: Subject, to: Adapter) -> list[str]:
    mac = subject.mac
    return [
        f"VM=$({_govc_machine(subject)})",
        'govc vm.info "$VM"',
        'govc vm.power -s "$VM"',
        'until govc vm.info -json "$VM" | grep -q \'"powerState": *"poweredOff"\'; do sleep 2; done',
        # The name, ethernet-0, is made of the device's place: only the MAC tells which it is.
        f'NIC=$(govc device.info -vm "$VM" -json | jq -r \'.devices[] | select(.macAddress == "{mac}") | .name\')',
        f"NETWORK={_govc_network(subject)}",
        'govc device.info -vm "$VM" -json "$NIC" > nic-before.json',
        'govc device.remove -vm "$VM" "$NIC"',
        f'govc vm.network.add -vm "$VM" -net "$NETWORK" -net.adapter {to} -net.address {mac}',
        "govc device.info -vm \"$VM\" 'ethernet-*'",
        'govc vm.power -on "$VM"',
    ]


def _govc_machine(subject: Subject) -> str:
    if subject.uuids:
        return "; ".join(f"govc find / -type m -config.uuid {each}" for each in subject.uuids)
    if subject.machine:
        return f"govc find / -type m -name {shlex.quote(subject.machine)}"
    found = f'govc device.info -vm "$each" -json | grep -q \'"macAddress": *"{subject.mac}"\''
    return f'govc find / -type m | while read -r each; do if {found}; then echo "$each"; fi; done'


def _govc_network(subject: Subject) -> str:
    if subject.network:
        return shlex.quote(subject.network)
    # Right for a machine with one adapter; with more, the output has a line for each of its networks.
    return '$(govc ls -L $(govc object.collect -s "$VM" network | tr , " "))'


def _powercli(subject: Subject, to: Adapter) -> list[str]:
    added = f"-Type {_POWERCLI_NAMES[to]} {_powercli_network(subject)} -MacAddress '{subject.mac}' -StartConnected"
    return [
        f"$vm = {_powercli_machine(subject)}",
        f"$nic = Get-NetworkAdapter -VM $vm | Where-Object {{ $_.MacAddress -eq '{subject.mac}' }}",
        "$nic | Format-List Name, Type, NetworkName, MacAddress, Id",
        "$network = $nic.NetworkName",
        "Shutdown-VMGuest -VM $vm -Confirm:$false",
        "while ((Get-VM -Id $vm.Id).PowerState -ne 'PoweredOff') { Start-Sleep -Seconds 2 }",
        "Remove-NetworkAdapter -NetworkAdapter $nic -Confirm:$false",
        f"New-NetworkAdapter -VM $vm {added}",
        "Get-NetworkAdapter -VM $vm | Format-List Name, Type, NetworkName, MacAddress",
        "Start-VM -VM $vm",
    ]


def _powercli_machine(subject: Subject) -> str:
    if subject.uuids:
        listed = ", ".join(_quoted(each) for each in subject.uuids)
        return f"Get-VM | Where-Object {{ $_.ExtensionData.Config.Uuid -in {listed} }}"
    if subject.machine:
        return f"Get-VM -Name {_quoted(subject.machine)}"
    return f"Get-VM | Where-Object {{ (Get-NetworkAdapter -VM $_).MacAddress -contains '{subject.mac}' }}"


def _powercli_network(subject: Subject) -> str:
    if subject.network and subject.distributed:
        return f"-Portgroup (Get-VDPortgroup -Name {_quoted(subject.network)})"
    return f"-NetworkName {_quoted(subject.network)}" if subject.network else "-NetworkName $network"


def _quoted(text: str) -> str:
    """In PowerShell's single quotes, in which only they themselves are special."""
    return "'" + text.replace("'", "''") + "'"
