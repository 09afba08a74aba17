"""Who asks, who may, and what was done in whose name."""
