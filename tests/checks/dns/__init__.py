"""Tests of the check `dns`."""
