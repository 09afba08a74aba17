"""Tests of who may do what, and of the record of it."""
