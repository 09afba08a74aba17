"""Public reports of broken cluster networks, and what the right answer to each is."""
