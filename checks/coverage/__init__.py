"""What could not be looked at, as findings of their own: silence must never pass for health."""
