"""Everything between Slack and a node: queue, worker, agents, runs, configuration and the command line."""
