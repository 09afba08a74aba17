"""Fixtures that the tests of the bot share with those of the stand-in."""

from tests.slack.conftest import chromium

__all__ = ["chromium"]
