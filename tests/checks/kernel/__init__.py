"""Tests of checks.kernel."""
