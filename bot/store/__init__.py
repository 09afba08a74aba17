"""What is kept in Redis and how it changes: the connection, the keys, the scripts, versioned records and what is due.

Every key of a cluster carries the hash tag `{cluster}`, so that a script may touch several of them on Redis Cluster
too, and so that two clusters can share one Redis without ever meeting.
"""
