"""Tests of runbooks: plans, the machine, executions."""
