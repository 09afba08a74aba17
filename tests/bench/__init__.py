"""`make bench`: speed and memory, as ratios against peers where there are any."""
