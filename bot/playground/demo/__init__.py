"""The recording of the founding incident, which the playground shows where no cluster is given."""

INCIDENT = "playground/demo/incident.json"
"""A bundle, in the package `bot`."""
