"""Files of the kernel's are read whatever is in them."""

import os
from pathlib import Path

import pytest

from checks.kernel.addresses import InterfaceAddress, ipv6_addresses
from checks.kernel.sysfs import as_shown, entries, read_number, read_table, read_text


@pytest.mark.parametrize(
    ("content", "number"),
    [
        (b"1500\n", 1500),
        (b"0", 0),
        (b"18446744073709551615\n", 2**64 - 1),
        (b"18446744073709551616\n", None),
        (b"9" * 10_000, None),
        (b"", None),
        (b"-1\n", None),
        (b"15 00", None),
        (b"0x5dc", None),
        ("\N{ARABIC-INDIC DIGIT ONE}".encode(), None),
        (b"15\xff00", None),
    ],
)
def test_numbers(tmp_path: Path, content: bytes, number: int | None) -> None:
    """A number is one of 64 bits at most, in ASCII's digits; all else is none."""
    (tmp_path / "mtu").write_bytes(content)

    assert number == read_number(tmp_path / "mtu")


def test_text_that_is_no_utf8_is_replaced(tmp_path: Path) -> None:
    """What cannot be decoded is seen to be so."""
    (tmp_path / "sys_vendor").write_bytes(b"VM\xffware\n")

    assert "VM\N{REPLACEMENT CHARACTER}ware" == read_text(tmp_path / "sys_vendor")


def test_what_cannot_be_read_is_empty(tmp_path: Path) -> None:
    """No such file, a folder, a folder that is a file, a name that no file has: nothing is there."""
    (tmp_path / "file").touch()

    paths = (tmp_path / "none", tmp_path, tmp_path / "file" / "mtu", tmp_path / "eth\0")
    assert [""] * 4 == [read_text(path) for path in paths]
    assert [None, [], []] == [read_number(tmp_path), list(read_table(tmp_path)), entries(tmp_path / "file")]


ODD = (b"eth\xff", "lan\N{NEXT LINE}1".encode(), "網\N{IDEOGRAPHIC SPACE}路".encode())
"""Names that the kernel gives to interfaces: all bytes but ASCII's white space, `/` and `:`."""


@pytest.mark.parametrize("name", ODD)
def test_names_in_tables_are_those_of_folders(tmp_path: Path, name: bytes) -> None:
    """An interface is found in sysfs by the name that a table has for it, and can be shown."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).mkdir()
    (tmp_path / "table").write_bytes(b"80 " + name + b"\n\n")

    ((flags, found),) = read_table(tmp_path / "table")

    assert ("80", [found]) == (flags, [path.name for path in entries(tmp_path) if path.is_dir()])
    assert as_shown(found).encode()


def test_lines_that_are_no_addresses_are_passed_over(tmp_path: Path) -> None:
    """Half lines, odd numbers and bytes that are no text hide no address beside them."""
    good = b"20010db8000000000000000000000001 02 40 00 80     eth0"
    lines = (
        b"20010db8",
        b"2001 02 40 00 80 eth0",
        b"zz010db8000000000000000000000001 02 40 00 80 eth0",
        b"20010db8000000000000000000000001 02 40 00 zz eth0",
        b"20010db8000000000000000000000001 02 40 00 80",
        b"\xff\xfe\x00",
        good,
        good[:-9],
    )
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "if_inet6").write_bytes(b"\n".join(lines))

    (found,) = ipv6_addresses(tmp_path)

    assert ("eth0", "2001:db8::1", 0x80) == (found.interface, str(found.address), found.flags)
    assert isinstance(found, InterfaceAddress)
