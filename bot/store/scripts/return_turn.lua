-- Give a turn back that came to nothing: whoever took it gets the next one, before all that are promised one.
-- USES clock
-- KEYS full promised
-- ARGV caller interval burst
local free_at = math.max(now(), tonumber(redis.call('GET', full) or 0) - (burst - 1) * interval)
local waiting = redis.call('ZRANGE', promised, 0, -1, 'WITHSCORES')
local late = waiting[1] and free_at + interval - tonumber(waiting[2]) or 0
if late > 0 then
  for place = 1, #waiting, 2 do redis.call('ZINCRBY', promised, late, waiting[place]) end
end
redis.call('ZADD', promised, stamp(free_at), caller)
