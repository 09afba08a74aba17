-- Create a record: 1 created, 0 it is there already.
-- USES clock record
-- KEYS record changes index
-- ARGV id format state body ttl
if redis.call('EXISTS', record) == 1 then return 0 end
write(record, changes, format, state, body, ttl)
forget(index, ttl)
redis.call('ZADD', index, stamp(now()), id)
return 1
