"""Tests of what could not be looked at."""
