-- Take a turn at a kind of call that Slack counts: '0' now, else after how many seconds to ask again.
-- What is urgent is promised the next free turn, in the order of asking; the rest gets what is left.
-- USES clock
-- KEYS full promised
-- ARGV caller urgent interval burst missed_s
local at = now()
redis.call('ZREMRANGEBYSCORE', promised, '-inf', stamp(at - missed_s))
-- When all turns of a burst would be there again, if nobody took one meanwhile.
local full_at = math.max(tonumber(redis.call('GET', full) or 0), at)
local free_at = full_at - (burst - 1) * interval
local turn
if urgent == '1' then
  turn = redis.call('ZSCORE', promised, caller)
  if not turn then
    local last = redis.call('ZREVRANGE', promised, 0, 0, 'WITHSCORES')[2]
    turn = math.max(free_at, at, (last or 0) + interval)
    redis.call('ZADD', promised, stamp(turn), caller)
  end
  turn = math.max(tonumber(turn), free_at)
else
  turn = free_at + redis.call('ZCARD', promised) * interval
end
if turn > at then return stamp(turn - at) end
redis.call('ZREM', promised, caller)
redis.call('SET', full, stamp(full_at + interval), 'PX', math.ceil((full_at + interval - at) * 1000))
return '0'
