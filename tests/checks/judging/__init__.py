"""Tests of checks.judging."""
