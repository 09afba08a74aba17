"""Tests of the check `metallb`."""
