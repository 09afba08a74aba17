"""How a VM is powered and its adapter replaced by hand in vSphere: its own page, govc, PowerCLI. Everything filled in.

What is not known is looked up by the commands themselves: the VM by the node's system UUID or its MAC address, the
adapter by its MAC address. Never by name alone. The commands are those of govc 0.52 (read in its source, and run as
they are printed against the simulator) and of VMware PowerCLI's reference.
"""

from bot.runbooks.identity import candidates
from bot.runbooks.model import Form
from checks.inventory import Adapter, Machine
from checks.text import say

_PAGE = {"e1000e": "E1000E", "vmxnet3": "VMXNET 3"}
_POWERCLI = {"e1000e": "e1000e", "vmxnet3": "Vmxnet3"}
_GOVC_OFF = (
    'govc vm.power -s "$VM"',
    'until govc vm.info -json "$VM" | grep -q \'"powerState": *"poweredOff"\'; do sleep 2; done',
)
_GOVC_ON = ('govc vm.power -on "$VM"',)
_POWERCLI_OFF = (
    "Shutdown-VMGuest -VM $vm -Confirm:$false",
    "while ((Get-VM -Id $vm.Id).PowerState -ne 'PoweredOff') { Start-Sleep -Seconds 2 }",
)
_POWERCLI_ON = ("Start-VM -VM $vm",)
_PAGE_OFF = ("Actions > Power > Shut Down Guest OS, and wait until it is off",)
_PAGE_ON = ("Actions > Power > Power On",)

Lines = tuple[str, ...]


def exchange(machine: Machine, adapter: Adapter, to: str) -> tuple[Form, ...]:
    """Shut down, replace, power on."""
    return _forms(
        machine,
        adapter,
        (*_PAGE_OFF, *_page_swap(adapter, to), *_PAGE_ON),
        (*_GOVC_OFF, *_govc_swap(adapter, to), *_GOVC_ON),
        (*_POWERCLI_OFF, *_powercli_swap(adapter, to), *_POWERCLI_ON),
    )


def _forms(machine: Machine, adapter: Adapter, page: Lines, govc: Lines, powercli: Lines) -> tuple[Form, ...]:
    opened = f"Open the VM of the node {machine.name}: the one with the network adapter {adapter.mac}"
    return (
        Form(say("In the vSphere Client"), (opened, *page)),
        Form(say("With govc"), (f"VM=$({_govc_vm(machine, adapter)})", *govc)),
        Form(say("With PowerCLI"), (f"$vm = {_powercli_vm(machine, adapter)}", *powercli)),
    )


def _page_swap(adapter: Adapter, to: str) -> Lines:
    return (
        f"Actions > Edit Settings: note the network of the adapter with the MAC {adapter.mac}, and remove it",
        "Add New Device > Network Adapter, on the same network",
        f"Adapter Type: {_PAGE[to]}. MAC Address: Manual, {adapter.mac}. Status: Connect At Power On. OK",
    )


def _govc_vm(machine: Machine, adapter: Adapter) -> str:
    known = candidates(machine.system_uuid, machine.provider_id)
    if known:
        return "; ".join(f"govc find / -type m -config.uuid {each}" for each in known)
    found = f'govc device.info -vm "$each" -json | grep -q \'"macAddress": *"{adapter.mac}"\''
    return f'govc find / -type m | while read -r each; do if {found}; then echo "$each"; fi; done'


def _govc_swap(adapter: Adapter, to: str) -> Lines:
    chosen = f'.devices[] | select(.macAddress == "{adapter.mac}") | .name'
    return (
        # The name, ethernet-0, is made of the device's place: only the MAC tells which it is.
        f"NIC=$(govc device.info -vm \"$VM\" -json | jq -r '{chosen}')",
        'NETWORK=$(govc ls -L $(govc object.collect -s "$VM" network | tr , " "))',
        f'govc device.info -vm "$VM" -json "$NIC" > nic-before-{adapter.mac.replace(":", "")}.json',
        'govc device.remove -vm "$VM" "$NIC"',
        f'govc vm.network.add -vm "$VM" -net "$NETWORK" -net.adapter {to} -net.address {adapter.mac}',
        "govc device.info -vm \"$VM\" 'ethernet-*'",
    )


def _powercli_vm(machine: Machine, adapter: Adapter) -> str:
    known = candidates(machine.system_uuid, machine.provider_id)
    if known:
        listed = ", ".join(f"'{each}'" for each in known)
        return f"Get-VM | Where-Object {{ $_.ExtensionData.Config.Uuid -in {listed} }}"
    return f"Get-VM | Where-Object {{ (Get-NetworkAdapter -VM $_).MacAddress -contains '{adapter.mac}' }}"


def _powercli_swap(adapter: Adapter, to: str) -> Lines:
    return (
        f"$nic = Get-NetworkAdapter -VM $vm | Where-Object {{ $_.MacAddress -eq '{adapter.mac}' }}",
        "$nic | Format-List Name, Type, NetworkName, MacAddress, Id",
        "$network = $nic.NetworkName",
        "Remove-NetworkAdapter -NetworkAdapter $nic -Confirm:$false",
        f"$new = @{{ VM = $vm; Type = '{_POWERCLI[to]}'; NetworkName = $network; MacAddress = '{adapter.mac}' }}",
        "New-NetworkAdapter @new -StartConnected",
        "Get-NetworkAdapter -VM $vm | Format-List Name, Type, NetworkName, MacAddress",
    )
