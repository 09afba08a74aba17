-- Make a digest for one firing, once, and have it looked at; the definition keeps when it fired last.
-- 1 made, 0 it was made already or its definition is gone or paused.
-- USES clock record
-- KEYS record changes index definitions fired due
-- ARGV id definition fired_at format state body ttl
if redis.call('HEXISTS', definitions, definition) == 0 then return 0 end
local last = tonumber(redis.call('HGET', fired, definition) or 0)
if tonumber(fired_at) > last then redis.call('HSET', fired, definition, fired_at) end
if redis.call('EXISTS', record) == 1 then return 0 end
write(record, changes, format, state, body, ttl)
forget(index, ttl)
redis.call('ZADD', index, stamp(now()), id)
forget(due, ttl)
wake(due, id, now())
return 1
