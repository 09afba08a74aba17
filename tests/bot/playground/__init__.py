"""Tests of the recorded nodes and of what is done to them."""
