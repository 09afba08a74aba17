"""The check `texts`: what do pasted error texts and excerpts of logs say?"""

from checks.check import Check
from checks.observation import Network
from checks.texts.model import Data, Parameters, Request

CHECK = Check(
    name="texts",
    title="Pasted error texts and excerpts of logs: what kind each is, and what it says",
    networks=(Network.CLUSTER,),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=1.0,
)
