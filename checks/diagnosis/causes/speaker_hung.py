"""A speaker takes connections and answers nobody."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="speaker-hung",
    title=say("A speaker of MetalLB hangs"),
    at=(Node,),
    shows=(
        Effect("metallb.lives", ("silent",), Strength.ALWAYS),
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
    ),
    hides=frozenset({"no-announcer"}),
    fix=say(
        "Read its log, then delete the speaker's pod on {places}: its DaemonSet makes "
        "another one. On the node `top` shows whether it gets any processor time."
    ),
    decide=say("Whether the process runs, sleeps or is stopped: its state in `ps` on the node."),
    source="MetalLB speaker/main.go: /metrics is also its liveness probe",
    example={"metallb.lives": "silent"},
)
