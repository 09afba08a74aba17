"""Tests of checks.probes."""
