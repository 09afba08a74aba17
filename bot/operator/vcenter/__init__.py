"""Change the network adapter of a node's virtual machine in vCenter.

`client.VCenter` acts; `preflight` and `manual` judge and tell from what it described, without a vCenter.
"""
