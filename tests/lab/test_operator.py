"""The operator in its pod: what its account may do, and orders that it carries out in the cluster and in vCenter."""

import json
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from bot.access.requester import Requester
from bot.config import OPERATIONS, SigningKey
from bot.operator.cluster import nodes, privileged
from bot.operator.cluster.api import Api
from bot.operator.cluster.errors import Invalid
from bot.operator.cluster.nodes import CORDONED_BY
from bot.operator.cluster.nodes import Cordon as Cordoned
from bot.operator.cluster.privileged import Privileged
from bot.operator.cluster.workloads import RESTARTED_BY
from bot.runbooks import presence
from bot.runbooks.execution import Approved
from bot.runbooks.model import Approval, Hand, Step, Undo, digest
from bot.runbooks.operations import Cordon, ExchangeAdapter, Operation, SetOffloads, Uncordon
from bot.runbooks.orders import BEGUN, DONE, FAILED, VALID_S, Order, Performed, enqueue, performed
from bot.store.connection import connect, server_time
from bot.store.keys import Keys
from bot.store.records import Record
from checks.text import say
from tests.lab import hardware, power, product, vcenter
from tests.lab.fixtures import Cluster
from tests.lab.layout import W2
from tests.lab.plain_tools import eventually
from tests.lab.process import on_node
from tests.lab.vcenter_link import POWERED_ON, Machine, read
from tests.waiting import until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180, func_only=True)]

ACCOUNT = f"system:serviceaccount:{product.NAMESPACE}:netcheck-operator"
KEYS = Keys(product.CLUSTER)
STARTER = Requester("on-call", product.ONCALL, "T0PLAYGROUND")
APPROVER = Requester("platform", product.PLATFORM, "T0PLAYGROUND")
EXCHANGE_S = 90.0
"""For all of one; 15 s were measured."""
FOLLOWED_S = 40.0
"""For the next operator: the lease of the one before ends after 15 s."""
TOO_LONG_S = 8.0
"""A reconfiguration that outlasts the moment that an operator has for its end."""


def to(kind: str) -> ExchangeAdapter:
    """The exchange of w2's adapter for one of this kind."""
    return ExchangeAdapter(node=W2.name, mac=W2.mac, to=kind)


def approved(forward: Operation, backward: Operation, operation: Operation, *, asked_at: float) -> Order:
    """An order that one person asked for and another one approved."""
    step = Step(
        name=str(forward.__struct_config__.tag),
        title=say("What is tried"),
        node=W2.name,
        unit=W2.name,
        hand=Hand.OPERATOR,
        operation=forward,
        undo=Undo(title=say("The way back"), operation=backward),
        approval=Approval.SECOND,
    )
    return Order(
        id=f"o-{secrets.token_hex(4)}",
        cluster=product.CLUSTER,
        execution="i-lab",
        operation=operation,
        steps=(step,),
        requested_by=STARTER,
        approved=Approved(by=APPROVER, at=asked_at, revision=1, digest=digest((step,)), channel="C0INCIDENTS"),
        expires_at=asked_at + VALID_S,
    )


@dataclass(frozen=True)
class Orders:
    """What a bot beside the lab gives to the operator, and what it hears of it."""

    client: Any
    key: SigningKey

    def give(self, forward: Operation, backward: Operation, operation: Operation | None = None) -> str:
        """Give an order; its id."""
        order = approved(forward, backward, operation or forward, asked_at=server_time(self.client))
        assert enqueue(self.client, KEYS, self.key, order)
        return order.id

    def told(self, order: str) -> Performed | None:
        """What is told of it, once it is at its end."""
        found = performed(self.client, KEYS).read(order)
        return found.content if isinstance(found, Record) and found.content.state != BEGUN else None

    def come_to(self, order: str, seconds: float = 20.0) -> tuple[str, str]:
        """Its end, and what is said of it."""
        told = until(lambda: self.told(order), seconds)
        assert told is not None
        return told.state, " ".join(told.lines)

    def operator_there(self, other_than: str = "") -> str:
        """The name of the active operator, once there is one that can do all."""

        def name() -> str:
            lead = self.client.hgetall(KEYS.lead)
            active = (lead.get(b"name") or b"").decode()
            able = "exchange-adapter" in presence.verbs(self.client, KEYS)
            return active if able and active != other_than else ""

        return until(name, FOLLOWED_S)


@pytest.fixture
def orders(environment: dict[str, str]) -> Orders:
    """With the key that `env` exports."""
    key = SigningKey(OPERATIONS, environment["NETCHECK_OPERATIONS_KEY"].encode())
    return Orders(connect(environment["NETCHECK_REDIS_URL"]), key)


@pytest.fixture
def api(lab: Cluster, tmp_path: Path) -> Api:
    """The API server, with a token of the operator's account."""
    config = yaml.safe_load(lab.kubeconfig.read_text())
    token = lab.read("-n", product.NAMESPACE, "create", "token", "netcheck-operator").strip()
    config["users"][0]["user"] = {"token": token}
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return Api.connect(kubeconfig=str(path))


def where_it_runs(lab: Cluster) -> tuple[str, str]:
    """Name and node of the operator's pod that is not about to end."""
    chosen = ("get", "pods", "-l", "app.kubernetes.io/component=operator", "-o", "json")
    pods = json.loads(lab.read("-n", product.NAMESPACE, *chosen))["items"]
    (pod,) = [each for each in pods if "deletionTimestamp" not in each["metadata"]]
    return pod["metadata"]["name"], pod["spec"].get("nodeName", "")


@pytest.fixture
def beside(lab: Cluster, orders: Orders) -> str:
    """The operator's name, on another node than the one that is switched off."""
    name, node = where_it_runs(lab)
    if node != W2.name:
        return orders.operator_there()
    lab.read("cordon", W2.name)
    try:
        lab.read("-n", product.NAMESPACE, "delete", "pod", name, "--grace-period=1")
        return orders.operator_there(other_than=name)
    finally:
        lab.read("uncordon", W2.name)


@pytest.fixture
def reset(lab: Cluster) -> Iterator[None]:
    """Whatever becomes of machines and nodes, they are on afterwards and as they were."""
    yield
    vcenter.stop()
    power.restore()
    vcenter.start()
    lab.read("uncordon", W2.name)
    lab.read("annotate", "node", W2.name, f"{CORDONED_BY}-")


def machine() -> Machine:
    """w2's, as vCenter has it."""
    return read(vcenter.CONTROL).vms[W2.name]


def is_seen(environment: dict[str, str], kind: str) -> bool:
    """Whether w2's agent, once it is back, sees that adapter."""
    return eventually(lambda: kind == adapter_seen(environment), 60)


def adapter_seen(environment: dict[str, str]) -> str:
    """What `netcheck run nic` says of w2's adapter; nothing while its agent does not answer."""
    command = [sys.executable, "-m", "bot", "run", "nic", "on", W2.name, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    findings = {each["code"]: each["outcome"] for each in json.loads(done.stdout)["findings"]}
    return str(findings.get("nic.adapter", ""))


class Raw(msgspec.Struct):
    """A pod, as far as this test looks."""

    spec: dict[str, Any]


NODE, COREDNS = "/api/v1/nodes/w2", "/apis/apps/v1/namespaces/kube-system/deployments/coredns"


@pytest.mark.parametrize(
    ("path", "change", "words"),
    [
        (NODE, {"metadata": {"labels": {"a": "b"}}}, "no labels"),
        (NODE, {"metadata": {"annotations": {"a": "b"}}}, "one annotation"),
        (NODE, {"metadata": {"annotations": {"flannel.alpha.coreos.com/public-ip": None}}}, "one annotation"),
        (NODE, {"metadata": {"finalizers": ["a/b"]}}, "no labels, finalizers"),
        (NODE, {"spec": {"taints": [{"key": "a", "effect": "NoExecute"}]}}, "no taint"),
        (NODE, {"spec": {"providerID": "vsphere://a"}}, "nothing else"),
        (COREDNS, {"spec": {"replicas": 0}}, "how many"),
        (COREDNS, {"spec": {"template": {"spec": {"hostPID": True}}}}, "neither the pods"),
        (COREDNS, {"spec": {"template": {"metadata": {"annotations": {"a": "b"}}}}}, "one annotation"),
    ],
)
def test_what_its_account_may_not_change(api: Api, path: str, change: dict[str, Any], words: str) -> None:
    """RBAC lets it patch nodes and workloads; the policies refuse all but a cordon and a restart."""
    with pytest.raises(Invalid, match=words):
        api.patch(path, change, dryRun="All")


def test_what_its_account_may_change(api: Api, lab: Cluster) -> None:
    """A cordon with the annotation of who made it, and a restart; for what is not in its table it has no right."""
    assert [Cordoned.OURS, Cordoned.NONE] == [nodes.cordon(api, W2.name, "x"), nodes.uncordon(api, W2.name, "x")]
    restart = {"spec": {"template": {"metadata": {"annotations": {RESTARTED_BY: "o-1"}}}}}
    for path in (COREDNS, "/apis/apps/v1/namespaces/metallb-system/daemonsets/speaker"):
        assert api.patch(path, restart, dryRun="All")
    for verb, resource, more in (("update", "nodes", ""), ("patch", "nodes", "status"), ("get", "secrets", "")):
        words = [verb, resource, *([f"--subresource={more}"] if more else [])]
        assert "no" == lab.kubectl("auth", "can-i", *words, f"--as={ACCOUNT}", "-A").stdout.strip()


def test_its_account_makes_no_pod_but_the_one_that_switches_offloads(api: Api) -> None:
    """One of another command, with a volume or with one capability more is refused."""
    namespace = product.NAMESPACE
    operators = api.list(
        f"/api/v1/namespaces/{namespace}/pods", Raw, labelSelector="app.kubernetes.io/component=operator"
    )
    image = operators[0].spec["containers"][0]["image"]
    asked, path = SetOffloads(node=W2.name, interface="eth0", on=False), f"/api/v1/namespaces/{namespace}/pods"
    manifests = [privileged._manifest(Privileged(namespace, image), asked, "o-1") for _ in range(4)]
    specs = [each["spec"] for each in manifests]
    specs[1]["containers"][0]["command"][2] = "bot"
    specs[2]["volumes"] = [{"name": "node", "hostPath": {"path": "/"}}]
    specs[3]["containers"][0]["securityContext"]["capabilities"]["add"] = ["NET_ADMIN", "SYS_ADMIN"]
    replies = [api.ask("POST", path, each, dryRun="All") for each in manifests]

    assert [201, 422, 422, 422] == [each.status for each in replies]
    said = ["switching offloads alone", "without volumes", "no other privilege"]
    assert [True] * 3 == [words in each.message for words, each in zip(said, replies[1:], strict=True)]


def test_offloads_are_switched_by_order(orders: Orders) -> None:
    """By a pod on the node, which is gone afterwards; and back."""
    orders.operator_there()
    on, off = (SetOffloads(node=W2.name, interface="eth0", on=value) for value in (True, False))
    for asked, word in ((on, "on"), (off, "off")):
        state, words = orders.come_to(orders.give(on, off, asked), 60)
        assert (DONE, True) == (state, words.startswith("eth0 on w2")), words
        assert f"tx-udp_tnl-segmentation: {word}\n" in on_node(W2, "ethtool", "-k", "eth0")


def test_a_cordon_is_ordered_and_lifted(orders: Orders, api: Api) -> None:
    """By signed orders that two people stand for, through the pod."""
    orders.operator_there()
    back = Uncordon(node=W2.name)

    assert (DONE, "w2 is cordoned.") == orders.come_to(orders.give(Cordon(node=W2.name), back))
    assert Cordoned.OURS is nodes.cordon_of(nodes.look(api, W2.name), "i-lab")
    assert (DONE, "w2 is open for pods.") == orders.come_to(orders.give(Cordon(node=W2.name), back, back))
    assert Cordoned.NONE is nodes.cordon_of(nodes.look(api, W2.name), "i-lab")


def test_it_does_not_switch_off_its_own_node(orders: Orders, lab: Cluster) -> None:
    """Nobody would be there to switch it on again."""
    orders.operator_there()
    _, node = where_it_runs(lab)
    own = ExchangeAdapter(node=node, mac=W2.mac, to="e1000e")
    state, words = orders.come_to(orders.give(own, own))

    assert (FAILED, True) == (state, f"runs on {node} itself" in words)
    assert {POWERED_ON} == {each.power for each in read(vcenter.CONTROL).vms.values()}


@pytest.mark.usefixtures("beside", "reset")
def test_the_adapter_is_exchanged_and_put_back(orders: Orders, environment: dict[str, str], api: Api) -> None:
    """In vCenter, whose machine the node follows: it comes back with the other adapter, and its agent sees that one."""
    there, back = to(hardware.E1000E), to(hardware.VMXNET3)
    for asked, card in ((there, "VirtualE1000e"), (back, "VirtualVmxnet3")):
        state, words = orders.come_to(orders.give(there, back, asked), EXCHANGE_S)

        assert (DONE, True) == (state, "w2 was ready again" in words), words
        assert (POWERED_ON, [card]) == (machine().power, [each.type for each in machine().nics])
        assert nodes.look(api, W2.name).ready
        assert is_seen(environment, asked.to)


@pytest.mark.usefixtures("reset")
def test_the_next_operator_tells_what_is_true(orders: Orders, beside: str, lab: Cluster) -> None:
    """Killed while vCenter is at it, it is followed by one that says it is not done; ordered again, it is finished."""
    there, back = to(hardware.E1000E), to(hardware.VMXNET3)
    # As in every plan: or the next operator may be put on the node that has no power.
    assert DONE == orders.come_to(orders.give(Cordon(node=W2.name), Uncordon(node=W2.name)))[0]
    slow = json.dumps({"kind": "slow", "method": "ReconfigVM_Task", "for_s": TOO_LONG_S}).encode()
    with urllib.request.urlopen(f"{vcenter.CONTROL}/faults", data=slow):
        order = orders.give(there, back)
    until(lambda: machine().power != POWERED_ON)
    lab.read("-n", product.NAMESPACE, "delete", "pod", beside, "--force", "--grace-period=0")

    state, words = orders.come_to(order, FOLLOWED_S)
    assert (FAILED, True) == (state, "not done to its end" in words), words
    told = orders.told(order)
    assert told is not None
    assert beside != told.operator
    assert POWERED_ON != machine().power

    state, words = orders.come_to(orders.give(there, back), EXCHANGE_S)
    assert (DONE, True) == (state, "w2 was ready again" in words), words
    assert hardware.E1000E == hardware.adapter(W2)
