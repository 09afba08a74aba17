-- Replace the definition of a digest, but only the version that was seen.
-- KEYS definitions
-- ARGV definition seen body
if redis.call('HGET', definitions, definition) ~= seen then return 0 end
redis.call('HSET', definitions, definition, body)
return 1
