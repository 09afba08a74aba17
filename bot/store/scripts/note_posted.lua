-- Keep where a part of a record was posted: the first one stays and is returned; a further one is an orphan.
-- KEYS message
-- ARGV part ts
if redis.call('EXISTS', message) == 0 then return ts end
if redis.call('HSETNX', message, 'ts:' .. part, ts) == 1 then return ts end
local first = redis.call('HGET', message, 'ts:' .. part)
if first ~= ts then redis.call('HSET', message, 'orphan:' .. ts, part) end
return first
