-- Note that a worker, an agent or a cluster is alive, and forget who was not for long.
-- USES clock
-- KEYS seen
-- ARGV member forgotten_s
local at = now()
redis.call('ZREMRANGEBYSCORE', seen, '-inf', stamp(at - forgotten_s))
return redis.call('ZADD', seen, stamp(at), member)
