-- Nobody takes a turn at this kind of call for some seconds.
-- USES clock
-- KEYS full
-- ARGV wait_s interval burst
local full_at = now() + wait_s + (burst - 1) * interval
if tonumber(redis.call('GET', full) or 0) < full_at then
  redis.call('SET', full, stamp(full_at), 'PX', math.max(1, math.ceil((full_at - now()) * 1000)))
end
