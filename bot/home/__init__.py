"""Everything at a glance, for one person: clusters, incidents, digests, runs, and what they may do."""
