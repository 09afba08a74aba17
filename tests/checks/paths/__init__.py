"""Tests of the check `paths`."""
