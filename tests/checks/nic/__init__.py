"""Tests of the check `nic`."""
