"""Health digests."""
