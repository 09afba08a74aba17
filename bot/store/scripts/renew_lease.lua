-- Renew a lease, but only for its owner: a plain XCLAIM after a stall would steal the job back from its new holder.
-- KEYS stream
-- ARGV group consumer entry
local pending = redis.call('XPENDING', stream, group, entry, entry, 1, consumer)
if #pending == 0 then return 0 end
redis.call('XCLAIM', stream, group, consumer, 0, entry, 'JUSTID')
return 1
