-- Take items that are due: each is held for the lease and due again at its end, so nothing is lost with its taker.
-- Gives items and the ends of their leases by turns.
-- USES clock
-- KEYS due held
-- ARGV count lease_s
local at = now()
redis.call('ZREMRANGEBYSCORE', held, '-inf', stamp(at))
local ends, taken = stamp(at + lease_s), {}
for _, item in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', stamp(at), 'LIMIT', 0, count + redis.call('ZCARD', held))) do
  if #taken < 2 * count and not redis.call('ZSCORE', held, item) then
    redis.call('ZADD', due, ends, item)
    redis.call('ZADD', held, ends, item)
    taken[#taken + 1] = item
    taken[#taken + 1] = ends
  end
end
return taken
