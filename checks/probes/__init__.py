"""Probes of one shape: an address and a port in, how it went out. Each is a file; the echo is what they talk to."""
