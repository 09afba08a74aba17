"""The recorded cluster, as it changes under what people and the simulated operator do to it.

Observations alone are modelled, never findings: what they mean is judged by the same checks as on a real cluster. What
passes is taken from what passed in the recording.

    world               what was changed since the recording
    damage              which nodes lose what they send into the tunnel, and which ways are well without that
    passing             what probes see on a way that is well
    cluster             the API server's objects as they are then
    model               all of these together, in the place of a recording
    shared              the one world that worker, agents, operator and page share
    by_hand             what a person would have done on a node
    acts, operator      the operator's verbs, done to the world
"""
