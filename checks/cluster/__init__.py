"""The API server: what is read of it, how, and what a snapshot is made of."""
