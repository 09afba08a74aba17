"""Tests of the queue, runs, workers, agents and the command line."""
