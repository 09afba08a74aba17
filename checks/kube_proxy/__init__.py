"""The check `kube-proxy`: does it follow changes of Services on each node, and in which mode?"""

from checks.check import Check, NoParameters
from checks.kube_proxy.model import Data, Request
from checks.observation import Network

CHECK = Check(
    name="kube-proxy",
    title="kube-proxy: its health, mode and leftovers on each node",
    networks=(Network.HOST,),
    parameters=NoParameters,
    request=Request,
    data=Data,
    deadline_s=6.0,
)
