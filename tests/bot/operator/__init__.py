"""What the operator does, tried without a cluster and on one."""
