-- Store a job's result, the first one for good, and take the job off its stream.
-- KEYS results arrivals stream
-- ARGV job observation group entry ttl
local first = redis.call('HSETNX', results, job, observation)
if first == 1 then
  redis.call('XADD', arrivals, '*', 'job', job)
  redis.call('EXPIRE', results, ttl)
  redis.call('EXPIRE', arrivals, ttl)
end
if entry ~= '' then
  redis.call('XACK', stream, group, entry)
  redis.call('XDEL', stream, entry)
end
return first
