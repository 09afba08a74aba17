"""Tests of the check `nodes`."""
