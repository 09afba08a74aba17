"""A real three-node Kubernetes cluster in network namespaces on one machine, with faults to switch on and off.

`python -m tests.lab up` starts it, `README.md` in this folder says what it is made of.
"""
