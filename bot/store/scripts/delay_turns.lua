-- Nobody takes a turn at this kind of call for some seconds; whoever is promised one keeps their place.
-- USES clock
-- KEYS full promised
-- ARGV wait_s interval burst
local full_at = now() + wait_s + (burst - 1) * interval
if tonumber(redis.call('GET', full) or 0) < full_at then
  redis.call('SET', full, stamp(full_at), 'PX', math.max(1, math.ceil((full_at - now()) * 1000)))
end
local waiting = redis.call('ZRANGE', promised, 0, -1, 'WITHSCORES')
local late = waiting[1] and now() + wait_s - tonumber(waiting[2]) or 0
if late > 0 then
  for place = 1, #waiting, 2 do redis.call('ZINCRBY', promised, late, waiting[place]) end
end
