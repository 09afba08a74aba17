"""Another program on the node listens where a speaker wants to."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="speaker-port-taken",
    title=say("Another program has the port of MetalLB's speaker"),
    at=(Node,),
    shows=(
        Effect("metallb.lives", ("port-taken",), Strength.ALWAYS),
        Effect("metallb.speaker", ("not-ready",), Strength.MAY),
        Effect("metallb.announcers", ("no-node",), Strength.MAY, Reach.EVERYWHERE),
        Effect(
            "metallb.announced",
            (
                "nobody",
                "no-node",
            ),
            Strength.MAY,
            Reach.EVERYWHERE,
        ),
        Effect("texts.metallb", ("port-taken",), Strength.MAY),
    ),
    hides=frozenset({"speaker-hung", "no-announcer"}),
    fix=say(
        "`ss -lntup | grep 7946` (or the port of the text) on {places}: stop that program, or give the speakers "
        "another port (`METALLB_ML_BIND_PORT`, in Helm `speaker.memberlist.mlBindPort`). Pod Security has no part "
        "in this."
    ),
    rollback=say("Set the former port again."),
    decide=say("Who listens on the port of the text, on that node."),
    source="metallb/metallb #581, internal/speakerlist",
    example={"metallb.lives": "port-taken"},
)
