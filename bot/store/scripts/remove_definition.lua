-- Forget the definition of a digest; with the last one nobody waits for news of its cluster. Answers whether it was there.
-- KEYS definitions fired digested
-- ARGV definition cluster
local removed = redis.call('HDEL', definitions, definition)
redis.call('HDEL', fired, definition)
if redis.call('HLEN', definitions) == 0 then redis.call('SREM', digested, cluster) end
return removed
