"""What people see: pure functions from domain objects to Block Kit.

A message is a dictionary with `text` (what a notification says) and `blocks`. Whatever came from a cluster is escaped
on the way in, and only plain blocks are used: section, context, header and actions look alike on every client.
"""
