"""Tests of the check `mtu`."""
