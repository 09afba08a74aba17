"""The tests mirror the packages; `lab` is a real cluster on one machine."""
