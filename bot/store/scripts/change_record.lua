-- Write the next version of a record, tell those who watch it, and make the message that shows it due.
-- 1 written, 0 it is no longer the version that was read.
-- USES clock record
-- KEYS record changes message messages
-- ARGV item version format state body ttl
if redis.call('HGET', record, 'version') ~= version then return 0 end
write(record, changes, format, state, body, ttl)
if redis.call('EXISTS', message) == 1 then
  redis.call('EXPIRE', message, ttl)
  wake(messages, item, now())
end
return 1
