"""Machines in QEMU: real VMXNET3 and e1000e devices, without VMware."""

PACKAGES = ("qemu-system-x86",)
"""Debian packages that the tests here need installed; the guest's kernel is unpacked into the cache instead."""
