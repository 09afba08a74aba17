"""Tests of the check `throughput`."""
