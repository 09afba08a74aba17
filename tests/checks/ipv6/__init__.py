"""Tests of the check `ipv6`."""
