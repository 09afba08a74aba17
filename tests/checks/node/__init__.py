"""Tests of the check `node`."""
