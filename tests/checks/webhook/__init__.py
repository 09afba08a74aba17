"""Tests of the check `webhook`."""
