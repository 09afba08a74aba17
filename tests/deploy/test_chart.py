"""The chart renders what the documents promise: who may do what, and which parts start when."""

import json
import subprocess

import pytest
import yaml

from bot.config import SETTINGS
from tests.deploy.conftest import WITH_OPERATOR, WITH_SLACK, Render, pods
from tests.lab.build import binary
from tests.lab.fixtures import Cluster
from tests.lab.layout import REPOSITORY

pytestmark = pytest.mark.lab


def test_default_starts_no_bot(render: Render) -> None:
    """Without Slack's tokens everything but the bot runs."""
    assert set(pods(render())) == {"netcheck-redis", "netcheck-worker", "netcheck-agent-host", "netcheck-agent-pod"}


def test_tokens_start_the_bot(render: Render) -> None:
    """With Slack's tokens the bot runs, and reads them from a Secret."""
    objects = render(**WITH_SLACK)
    assert "netcheck-bot" in pods(objects)
    assert objects["Secret", "netcheck-slack"]["stringData"]["bot-token"] == "xoxb-1"


def test_given_redis_starts_none(render: Render) -> None:
    """With a Redis of the user's own the chart starts none, and its URL is in a Secret."""
    objects = render(redis={"url": "rediss://elsewhere:6380/0"})
    assert "netcheck-redis" not in pods(objects)
    assert objects["Secret", "netcheck-redis"]["stringData"] == {"url": "rediss://elsewhere:6380/0"}


def test_rules_of_access_reach_the_bot_alone(render: Render) -> None:
    """They are a file in a folder, because one mounted by itself never changes; without rules there is none."""
    rules = '[approve]\nusers = ["U0ONCALL"]\n'
    without, objects = render(**WITH_SLACK), render(**WITH_SLACK, access=rules)
    assert ("ConfigMap", "netcheck-access") not in without
    assert objects["ConfigMap", "netcheck-access"]["data"] == {"access.toml": rules}
    readers = [name for name, pod in pods(objects).items() if "netcheck-access" in json.dumps(pod)]
    assert readers == ["netcheck-bot"]
    bot = pods(objects)["netcheck-bot"]["containers"][0]
    (mount,) = [mount for mount in bot["volumeMounts"] if mount["name"] == "access"]
    assert mount == {"name": "access", "mountPath": "/etc/netcheck", "readOnly": True}
    (variable,) = [each for each in bot["env"] if each["name"] == "NETCHECK_ACCESS"]
    assert variable["value"] == "/etc/netcheck/access.toml"
    before = pods(without)["netcheck-bot"]
    assert [each["name"] for each in before["volumes"]] == ["job-key", "tmp"]
    assert "NETCHECK_ACCESS" not in json.dumps(before)


def test_no_pod_has_privileges(render: Render) -> None:
    """Every container runs as nobody, without capabilities, on a root filesystem that it cannot write."""
    for name, pod in pods(render(**WITH_SLACK, **WITH_OPERATOR)).items():
        assert pod["securityContext"]["runAsUser"] == 65534, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name


def test_only_the_worker_holds_a_token(render: Render) -> None:
    """The worker alone can talk to the API server."""
    objects = render(**WITH_SLACK)
    accounts = {
        name: each["automountServiceAccountToken"] for (kind, name), each in objects.items() if kind == "ServiceAccount"
    }
    assert accounts == {"netcheck-worker": True, "netcheck-agent": False, "netcheck-bot": False}
    without = {name for name, pod in pods(objects).items() if pod.get("automountServiceAccountToken") is False}
    assert without == set(pods(objects)) - {"netcheck-worker"}


def test_only_the_host_agent_touches_the_node(render: Render) -> None:
    """It mounts of the node /sys alone, read-only. The worker is on the host network and mounts nothing of the node."""
    found = pods(render(**WITH_SLACK))
    assert {name for name, pod in found.items() if pod.get("hostNetwork")} == {"netcheck-agent-host", "netcheck-worker"}
    mounted = {
        name: volume["hostPath"]["path"]
        for name, pod in found.items()
        for volume in pod["volumes"]
        if "hostPath" in volume
    }
    assert mounted == {"netcheck-agent-host": "/sys"}
    mounts = found["netcheck-agent-host"]["containers"][0]["volumeMounts"]
    assert all(mount["readOnly"] for mount in mounts)


def test_worker_reads_and_tries(render: Render) -> None:
    """The worker's roles read; the one other verb is `create` on two kinds of MetalLB, held to dry runs by a policy."""
    objects = render()
    roles = [each for (kind, _), each in objects.items() if kind in {"ClusterRole", "Role"}]
    beyond = [rule for role in roles for rule in role["rules"] if not set(rule["verbs"]) <= {"get", "list", "watch"}]
    assert beyond == [
        {"apiGroups": ["metallb.io"], "resources": ["ipaddresspools", "l2advertisements"], "verbs": ["create"]}
    ]
    assert all("secrets" not in rule.get("resources", []) for role in roles for rule in role["rules"])
    urls = [url for role in roles for rule in role["rules"] for url in rule.get("nonResourceURLs", [])]
    assert urls == ["/readyz", "/metrics"]
    policy = objects["ValidatingAdmissionPolicy", "netcheck-dry-run-only"]["spec"]
    assert policy["matchConditions"][0]["expression"].endswith('"system:serviceaccount:nc:netcheck-worker"')
    assert policy["validations"][0]["expression"] == "has(request.dryRun) && request.dryRun"
    assert objects["ValidatingAdmissionPolicyBinding", "netcheck-dry-run-only"]["spec"]["validationActions"] == ["Deny"]


def test_old_clusters_get_no_right_to_create(render: Render) -> None:
    """Kubernetes before 1.30 has no such policy, so there the worker only reads."""
    objects = render("--kube-version=1.29.0")
    assert ("ValidatingAdmissionPolicy", "netcheck-dry-run-only") not in objects
    assert all("create" not in rule["verbs"] for rule in objects["ClusterRole", "netcheck-worker"]["rules"])


def test_redis_is_found_without_dns(render: Render) -> None:
    """Clients use the Service's address, or the node's when Redis is on its network; never a name."""
    variable = {"name": "NETCHECK_REDIS_URL"}
    behind_service = render()
    on_node = render(redis={"hostNetwork": True, "address": "10.0.0.1"})
    for objects, host in ((behind_service, "$(NETCHECK_REDIS_SERVICE_HOST)"), (on_node, "10.0.0.1")):
        worker = pods(objects)["netcheck-worker"]["containers"][0]["env"]
        url = next(each["value"] for each in worker if each["name"] == variable["name"])
        assert url == f"redis://:$(NETCHECK_REDIS_PASSWORD)@{host}:6379/0"
    assert pods(on_node)["netcheck-redis"]["hostNetwork"] is True


def test_environment_is_what_the_product_reads(render: Render) -> None:
    """Every variable that the chart sets is a setting, or one that another is made of."""
    known = {setting.name for setting in SETTINGS} | {f"{setting.name}_FILE" for setting in SETTINGS}
    known |= {"NETCHECK_REDIS_PASSWORD"}
    for name, pod in pods(render(**WITH_SLACK, **WITH_OPERATOR, access="[approve]")).items():
        if name != "netcheck-redis":
            assert {each["name"] for each in pod["containers"][0]["env"]} <= known, name


def test_the_worker_leans_on_nothing_that_it_looks_at(render: Render) -> None:
    """Two of them, apart where there are two nodes, with the node's resolver; they leave a lost node in 25 s.

    The control plane's nodes take them too, where no other is left.
    """
    worker = render()["Deployment", "netcheck-worker"]["spec"]
    pod = worker["template"]["spec"]
    assert (2, "Default", True) == (worker["replicas"], pod["dnsPolicy"], pod["hostNetwork"])
    (spread,) = pod["topologySpreadConstraints"]
    assert ("kubernetes.io/hostname", "ScheduleAnyway") == (spread["topologyKey"], spread["whenUnsatisfiable"])
    lost = {each["key"]: each.get("tolerationSeconds") for each in pod["tolerations"]}
    assert lost == {
        "node.kubernetes.io/unreachable": 25,
        "node.kubernetes.io/not-ready": 25,
        "node-role.kubernetes.io/control-plane": None,
    }


def test_redis_is_on_a_node_that_was_looked_up(lab: Cluster) -> None:
    """On its own network, at its address, and two workers never share a node: where the cluster can be asked."""
    command = (str(binary("helm")), "template", "netcheck", str(REPOSITORY / "deploy" / "chart"), "--namespace=nc")
    asked = (*command, "--dry-run=server", f"--kubeconfig={lab.kubeconfig}")
    output = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    objects = {(e["kind"], e["metadata"]["name"]): e for e in yaml.safe_load_all(output) if e}
    found = pods(objects)
    redis, worker = found["netcheck-redis"], found["netcheck-worker"]
    assert (True, {"kubernetes.io/hostname": "w1"}) == (redis["hostNetwork"], redis["nodeSelector"])
    url = next(e["value"] for e in worker["containers"][0]["env"] if e["name"] == "NETCHECK_REDIS_URL")
    assert "@10.250.0.11:6379/0" in url
    assert "requiredDuringSchedulingIgnoredDuringExecution" in worker["affinity"]["podAntiAffinity"]
