"""Another program on the node listens where a speaker wants to."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="speaker-port-taken",
    title=say("Another program has the port of MetalLB's speaker"),
    at=(Cluster,),
    shows=(Effect("texts.metallb", ("port-taken",), Strength.MAY),),
    fix=say(
        "`ss -lntup | grep 7946` (or the port of the text) on the node: stop that program, or give the speakers "
        "another port (`METALLB_ML_BIND_PORT`, in Helm `speaker.memberlist.mlBindPort`). Pod Security has no part "
        "in this."
    ),
    rollback=say("Set the former port again."),
    decide=say("Who listens on the port of the text, on that node."),
    source="metallb/metallb #581, internal/speakerlist",
    example={"texts.metallb": "port-taken"},
)
