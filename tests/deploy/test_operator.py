"""The chart's operator: its rights, its secrets, where it runs, and that without it nothing can be changed."""

import json
import subprocess
from typing import Any

import pytest

from bot.operator.cluster.nodes import CORDONED_BY
from bot.operator.cluster.rights import RIGHTS
from bot.operator.cluster.workloads import RESTARTED_BY
from tests.deploy.conftest import VCENTER, WITH_OPERATOR, WITH_SLACK, Objects, Render, pods

pytestmark = pytest.mark.lab

NAME = "netcheck-operator"
ACCOUNT = '"system:serviceaccount:nc:netcheck-operator"'


def mentioning(objects: Objects, what: str) -> list[str]:
    """The workloads whose pods have something to do with it."""
    return sorted(name for name, pod in pods(objects).items() if what in json.dumps(pod))


def environment(objects: Objects, workload: str) -> dict[str, Any]:
    """Its variables and what they are."""
    return {each["name"]: each.get("value") for each in pods(objects)[workload]["containers"][0]["env"]}


def test_nothing_of_it_is_there_unless_it_is_enabled(render: Render) -> None:
    """No pod, no account, no rights, no key; and the bot does everything by hand."""
    objects = render(**WITH_SLACK, operationsKey="k" * 20, operator={"vcenter": VCENTER})

    assert [] == [name for _, name in objects if "operat" in name or "vcenter" in name]
    assert [] == [*mentioning(objects, "netcheck-operat"), *mentioning(objects, "OPERATIONS")]


def test_its_rights_are_the_table(render: Render) -> None:
    """The role has the rules of the program, one for one, and is bound to its account alone; there is no other."""
    objects = render(**WITH_OPERATOR)
    roles = [name for kind, name in objects if kind in {"ClusterRole", "Role"} and "operator" in name]

    assert [NAME] == roles
    assert [right.rule for right in RIGHTS] == objects["ClusterRole", NAME]["rules"]
    binding = objects["ClusterRoleBinding", NAME]
    assert NAME == binding["roleRef"]["name"]
    assert [{"kind": "ServiceAccount", "name": NAME, "namespace": "nc"}] == binding["subjects"]
    accounts = {name: each for (kind, name), each in objects.items() if kind == "ServiceAccount"}
    tokens = [name for name, each in accounts.items() if each["automountServiceAccountToken"]]
    assert [NAME, "netcheck-worker"] == sorted(tokens)


@pytest.mark.parametrize(
    ("policy", "annotation"), [("netcheck-cordon-only", CORDONED_BY), ("netcheck-restart-only", RESTARTED_BY)]
)
def test_policies_hold_its_account(render: Render, policy: str, annotation: str) -> None:
    """Its changes of nodes and workloads are held to the one annotation that the program writes."""
    objects = render(**WITH_OPERATOR)
    spec = objects["ValidatingAdmissionPolicy", policy]["spec"]

    assert ("Fail", f"request.userInfo.username == {ACCOUNT}") == (
        spec["failurePolicy"],
        spec["matchConditions"][0]["expression"],
    )
    held = [each["expression"] for each in spec["validations"] if "'netcheck.dev/" in each["expression"]]
    assert [2] == [each.count(f"key == '{annotation}'") for each in held]
    binding = objects["ValidatingAdmissionPolicyBinding", policy]["spec"]
    assert (policy, ["Deny"]) == (binding["policyName"], binding["validationActions"])


def test_pods_that_switch_offloads_are_allowed_by_a_value(render: Render) -> None:
    """Then it may make pods in its own namespace, of its own image, held to that one command by a policy."""
    objects = render(
        image={"repository": "r/netcheck", "tag": "1"}, operator={"enabled": True, "offloads": {"enabled": True}}
    )
    name = "netcheck-offloads-only"

    assert [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}] == objects["Role", NAME]["rules"]
    assert "nc" == objects["Role", NAME]["metadata"]["namespace"]
    assert "r/netcheck:1" == environment(objects, NAME)["NETCHECK_PRIVILEGED_IMAGE"]
    policy = objects["ValidatingAdmissionPolicy", name]["spec"]
    assert f"request.userInfo.username == {ACCOUNT}" == policy["matchConditions"][0]["expression"]
    assert 'image == "r/netcheck:1"' in policy["validations"][0]["expression"]
    assert ["Deny"] == objects["ValidatingAdmissionPolicyBinding", name]["spec"]["validationActions"]

    without = render(**WITH_OPERATOR)
    assert ("Role", NAME) not in without
    assert "NETCHECK_PRIVILEGED_IMAGE" not in environment(without, NAME)


def test_an_old_cluster_gets_none(render: Render) -> None:
    """Kubernetes before 1.30 could not hold its account to what it is for; the refusal says so."""
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        render("--kube-version=1.29.0", **WITH_OPERATOR)

    assert "needs Kubernetes 1.30" in refusal.value.stderr


def test_who_gets_which_secret(render: Render) -> None:
    """Bot and operator have the operations key, the operator alone vCenter's password, and not the key for jobs."""
    objects = render(**WITH_SLACK, **WITH_OPERATOR, access="[approve]", operationsKey="k" * 20)

    assert {"operations-key": "k" * 20} == objects["Secret", "netcheck-operations-key"]["stringData"]
    assert ["netcheck-bot", NAME] == mentioning(objects, "netcheck-operations-key")
    assert [NAME] == mentioning(objects, "netcheck-vcenter")
    assert ["netcheck-bot", NAME] == mentioning(objects, "netcheck-access")
    assert NAME not in mentioning(objects, "netcheck-job-key")
    for workload in ("netcheck-bot", NAME):
        pod = pods(objects)[workload]
        mounts = {each["name"]: each["mountPath"] for each in pod["containers"][0]["volumeMounts"]}
        variables = environment(objects, workload)
        assert f"{mounts['operations-key']}/operations-key" == variables["NETCHECK_OPERATIONS_KEY_FILE"]
        assert f"{mounts['access']}/access.toml" == variables["NETCHECK_ACCESS"]


def test_the_operations_key_is_made_when_none_is_given(render: Render) -> None:
    """It is long, and another one than the key for jobs; the same one is refused."""
    objects = render(**WITH_OPERATOR)
    key = objects["Secret", "netcheck-operations-key"]["stringData"]["operations-key"]

    assert (40, True) == (len(key), key != objects["Secret", "netcheck-job-key"]["stringData"]["job-key"])
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        render(**WITH_OPERATOR, jobKey="k" * 20, operationsKey="k" * 20)
    assert "same as jobKey" in refusal.value.stderr


def test_vcenter_comes_from_a_secret(render: Render) -> None:
    """User and password are files, of the chart's Secret or of a given one; so is the authority, where it is given."""
    objects = render(**WITH_OPERATOR)
    variables = environment(objects, NAME)
    folder = "/run/secrets/netcheck-vcenter"

    secret = objects["Secret", "netcheck-vcenter"]["stringData"]
    assert {name: VCENTER[name] for name in ("user", "password")} == secret
    assert {
        "NETCHECK_VCENTER_HOST": VCENTER["host"],
        "NETCHECK_VCENTER_PORT": "443",
        "NETCHECK_VCENTER_USER_FILE": f"{folder}/user",
        "NETCHECK_VCENTER_PASSWORD_FILE": f"{folder}/password",
        "NETCHECK_VCENTER_CA": "/etc/netcheck-vcenter/ca.pem",
    } == {name: value for name, value in variables.items() if "VCENTER" in name}
    assert {"ca.pem": VCENTER["ca"]} == objects["ConfigMap", "netcheck-vcenter-ca"]["data"]

    given = render(operator={"enabled": True, "vcenter": {"host": "vc", "existingSecret": "own"}})
    assert ("Secret", "netcheck-vcenter") not in given
    (volume,) = [each for each in pods(given)[NAME]["volumes"] if each["name"] == "vcenter"]
    assert "own" == volume["secret"]["secretName"]
    assert "NETCHECK_VCENTER_CA" not in environment(given, NAME)

    without = render(operator={"enabled": True})
    assert [] == mentioning(without, "vcenter")
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        render(operator={"enabled": True, "vcenter": {"host": "vc"}})
    assert "vcenter.user" in refusal.value.stderr


def test_one_runs_and_moves_soon(render: Render) -> None:
    """There is never a second one; it leaves a node that is lost after 25 s, and asks no resolver of the cluster."""
    extra = {"key": "node-role.kubernetes.io/control-plane", "operator": "Exists"}
    selector = {"kubernetes.io/hostname": "cp"}
    objects = render(operator={"enabled": True, "tolerations": [extra], "nodeSelector": selector})
    deployment = objects["Deployment", NAME]["spec"]
    pod = pods(objects)[NAME]

    assert (1, {"type": "Recreate"}) == (deployment["replicas"], deployment["strategy"])
    assert ("Default", selector) == (pod["dnsPolicy"], pod["nodeSelector"])
    lost = {each["key"]: each["tolerationSeconds"] for each in pod["tolerations"] if "tolerationSeconds" in each}
    assert {"node.kubernetes.io/unreachable": 25, "node.kubernetes.io/not-ready": 25} == lost
    assert extra == pod["tolerations"][-1]


def test_a_drain_may_evict_it(render: Render) -> None:
    """It has no emptyDir, for which a drain would ask somebody first."""
    assert [] == [each for each in pods(render(**WITH_OPERATOR))[NAME]["volumes"] if "emptyDir" in each]
