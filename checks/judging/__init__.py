"""What the judgements of several checks share: where a fault is, how sure a share is, who is near whom. Pure."""
