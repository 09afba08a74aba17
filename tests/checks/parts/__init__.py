"""Tests of the check `parts`."""
