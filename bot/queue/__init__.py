"""Streams as a queue: leases, retries, dead letters and children that can be killed.

A consumer group has what a queue needs: the pending list holds the leases, the delivery count tells a poisonous entry.
One `Consumer` is one single-threaded process. Each piece of work runs in a forked child, because only a process can be
stopped at a deadline whatever it is doing; and only a single-threaded parent may fork without inheriting another
thread's locks.

Delivery is at least once. That is safe because what comes of an entry is kept by an id of its own and the first stays.
"""
