"""How often a diagnosis is right: a catalogue of faults on the real cluster, and what came of it."""
