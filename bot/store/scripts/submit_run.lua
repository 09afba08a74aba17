-- Create the record of a run, queue it, make due its message (if it is asked for somewhere) and its end,
-- and note the act that asks for it (if one does): once more when the same request comes twice.
-- 1 taken, 0 known already (the same request came twice), -1 the queue is full.
-- USES clock record chain
-- KEYS record changes index stream message messages ends audit head
-- ARGV id item format state body ttl envelope signature limit expires_at where acts_kept digest act...
local known = redis.call('EXISTS', record) == 1
if not known and redis.call('XLEN', stream) >= tonumber(limit) then return -1 end
if #act > 0 then append(audit, head, acts_kept, digest, act) end
if known then return 0 end
write(record, changes, format, state, body, ttl)
forget(index, ttl)
redis.call('ZADD', index, stamp(now()), id)
redis.call('XADD', stream, '*', 'body', envelope, 'signature', signature)
forget(ends, ttl)
forget(messages, ttl)
wake(ends, item, tonumber(expires_at))
if where ~= '' then
  redis.call('HSET', message, 'where', where)
  redis.call('EXPIRE', message, ttl)
  wake(messages, item, now())
end
return 1
