"""What is changed in a cluster: nodes cordoned and drained, workloads restarted, MetalLB's pools applied.

Everything may be done again after a crash: each function looks at what is true before it changes anything, and says
whether it was it who changed it.
"""
