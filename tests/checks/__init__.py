"""Tests of what is measured and what it means."""
