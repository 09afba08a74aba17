"""Faults to switch on in the running lab: each breaks the cluster for real and can be undone exactly."""
