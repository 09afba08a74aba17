"""The check `etcd`: does every API server reach it, has every member a leader, and which one leads?"""

from checks.check import Check, NoParameters
from checks.etcd.model import Data, Request
from checks.observation import Network

CHECK = Check(
    name="etcd",
    title="etcd: whether it is reached and has a leader, and where that is",
    networks=(Network.CLUSTER, Network.HOST),
    parameters=NoParameters,
    request=Request,
    data=Data,
    deadline_s=10.0,
    # Many clusters tell a part of it only to holders of etcd's own certificates: each diagnosis would have a gap there.
    on_request=True,
)
