"""Runs: what a person asked for, from the request to the report, and the jobs that they are made of.

A run lives in Redis and belongs to no process. Whoever asks, whoever does it (a worker) and whoever shows it (Slack, a
terminal) may each die and come back; the record says how far it is.
"""
