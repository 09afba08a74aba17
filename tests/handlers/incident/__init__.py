"""Tests of incidents in Slack."""
