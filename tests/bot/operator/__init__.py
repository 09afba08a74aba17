"""What the operator judges and tells without a vCenter."""
