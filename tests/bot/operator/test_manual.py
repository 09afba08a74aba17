"""The forms for doing it by hand are complete: they can be copied as they are."""

import re
import shlex

import pytest

from bot.operator.vcenter.manual import Form, Subject, known, manual_instructions, unknown
from bot.operator.vcenter.model import Adapter
from tests.bot.operator.machines import MAC, distributed, machine, nic
from tests.checks.words import words

UUID = "4223a1b2-c3d4-e5f6-0718-293a4b5c6d01"
SWAPPED = "b2a12342-d4c3-f6e5-0718-293a4b5c6d01"
STANDARD = known("w1", machine(), nic())
GROUP = known("w1", machine(), distributed())
BARE = unknown("w1", MAC.upper(), SWAPPED)
MAC_ALONE = unknown("w1", MAC, "Not Settable")
EVERY = pytest.mark.parametrize("subject", [STANDARD, GROUP, BARE, MAC_ALONE], ids=["standard", "group", "bare", "mac"])


def lines(form: Form) -> list[str]:
    """What a form says to do."""
    return [line if isinstance(line, str) else words(line) for line in form.lines]


def test_the_vsphere_client() -> None:
    """The steps name the machine, the adapter, its network and its MAC."""
    form = manual_instructions(GROUP, Adapter.E1000E)[0]
    assert [
        "Open the VM talos w1.",
        "Actions > Power > Shut Down Guest OS, and wait until it is off.",
        "Actions > Edit Settings. The type of an adapter cannot be changed there, so it is removed and added.",
        f"Remove Network adapter 1 (MAC {MAC}, device key 4000).",
        "Add New Device > Network Adapter, on the network prod's.",
        f"Adapter Type: E1000E. MAC Address: Manual, {MAC}.",
        "Status: Connect At Power On. OK, then Actions > Power > Power On.",
    ] == lines(form)


@EVERY
@pytest.mark.parametrize("to", list(Adapter))
def test_nothing_is_left_to_fill_in(subject: Subject, to: Adapter) -> None:
    """Whatever is known, each form has the MAC and the new type, and no placeholder."""
    for form in manual_instructions(subject, to):
        text = "\n".join(lines(form))
        assert MAC in text
        assert to.value in text.lower().replace(" ", "")
        assert not re.search(r"<[a-z]|…|\.\.\.|\b(VM_NAME|NAME|MAC_ADDRESS)\b|=\s*$|\"\"|\W''\W", text, re.MULTILINE)


@EVERY
def test_govc_is_a_shell_script(subject: Subject) -> None:
    """Names with blanks and quotation marks stay one word."""
    for line in lines(manual_instructions(subject, Adapter.E1000E)[1]):
        assert shlex.split(line)


def test_govc_finds_what_is_not_known() -> None:
    """The machine by its UUID in both orders or by its MAC, its network by asking."""
    both = lines(manual_instructions(BARE, Adapter.E1000E)[1])
    assert f"VM=$(govc find / -type m -config.uuid {SWAPPED}; govc find / -type m -config.uuid {UUID})" == both[0]
    assert any("govc ls -L" in line for line in both)
    assert MAC in lines(manual_instructions(MAC_ALONE, Adapter.E1000E)[1])[0]


def test_powercli_names_the_port_group() -> None:
    """A distributed port group and a standard network are given in different ways."""
    (group,) = (line for line in lines(manual_instructions(GROUP, Adapter.VMXNET3)[2]) if "New-" in line)
    (standard,) = (line for line in lines(manual_instructions(STANDARD, Adapter.E1000E)[2]) if "New-" in line)
    assert "-Type Vmxnet3 -Portgroup (Get-VDPortgroup -Name 'prod''s')" in group
    assert "-Type e1000e -NetworkName 'VM Network'" in standard
