-- Write a record's newest version and tell those who watch it.
local function write(record, changes, format, state, body, ttl)
  local version = redis.call('HINCRBY', record, 'version', 1)
  redis.call('HSET', record, 'format', format, 'state', state, 'body', body, 'changed', stamp(now()))
  redis.call('XADD', changes, 'MAXLEN', '~', 1000, '*', 'version', version)
  redis.call('EXPIRE', record, ttl)
  redis.call('EXPIRE', changes, ttl)
  return version
end

-- Drop from a sorted set by time what is about records that are gone: it may be that nobody took it.
local function forget(set, ttl)
  redis.call('ZREMRANGEBYSCORE', set, '-inf', stamp(now() - ttl))
end

-- Make an item due, unless it is due earlier already.
local function wake(due, item, at)
  redis.call('ZADD', due, 'LT', stamp(at), item)
end
