"""Tests of the stand-in for Slack, and of what talks to it."""
