"""Tests of what is kept over weeks."""
