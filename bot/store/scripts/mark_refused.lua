-- Note on a queued record why whoever was to act on it refuses to, and have it ended now.
-- USES clock record
-- KEYS record due
-- ARGV item code
if redis.call('HGET', record, 'state') ~= 'queued' then return 0 end
redis.call('HSET', record, 'refused', code)
wake(due, item, now())
return 1
