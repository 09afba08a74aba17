"""The one process that changes anything: what it does in a cluster and in vCenter, step by step."""
