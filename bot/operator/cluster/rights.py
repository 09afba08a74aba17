"""What the operator's account has to be allowed, and no more: tried with the token of a service account."""

import msgspec


class Right(msgspec.Struct, frozen=True):
    """One rule of a ClusterRole."""

    group: str
    """The API group; empty for the core."""
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    why: str

    @property
    def rule(self) -> dict[str, list[str]]:
        """The rule as Kubernetes has it."""
        return {"apiGroups": [self.group], "resources": list(self.resources), "verbs": list(self.verbs)}


RIGHTS = (
    # RBAC cannot narrow a patch of a node to the cordon; an admission policy on the account's name can.
    Right("", ("nodes",), ("get", "list", "patch"), "cordon and uncordon"),
    Right("", ("pods",), ("get", "list", "delete"), "see what is on a node; delete one pod at a person's word"),
    Right("", ("pods/eviction",), ("create",), "drain"),
    Right("policy", ("poddisruptionbudgets",), ("list",), "say which budget refuses an eviction"),
    Right("coordination.k8s.io", ("leases",), ("get",), "see that a node is truly back"),
    Right("apps", ("deployments", "daemonsets"), ("get", "patch"), "restart MetalLB's controller, CoreDNS and others"),
    Right(
        "metallb.io",
        ("ipaddresspools", "l2advertisements"),
        ("get", "create", "patch", "delete"),
        "apply pools, and delete one again",
    ),
)
"""All of them, in every namespace."""
