"""The check `apiserver`."""
