-- Enqueue a job unless a former attempt at the same run already did.
-- KEYS stream enqueued
-- ARGV job body signature ttl
if redis.call('HEXISTS', enqueued, job) == 1 then return 0 end
local entry = redis.call('XADD', stream, '*', 'body', body, 'signature', signature)
redis.call('HSET', enqueued, job, entry)
redis.call('EXPIRE', enqueued, ttl)
return 1
