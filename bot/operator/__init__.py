"""What `netcheck operator` does: the one process that changes anything, and the only code that could."""
