"""The check `kube-proxy`."""
