-- Give an item back: done, unless it was made due meanwhile, or due again after a while (again_s, empty for done).
-- Nobody takes it for the next rest_s seconds. 0 when the lease had passed to somebody else.
-- USES clock
-- KEYS due held
-- ARGV item lease_end rest_s again_s
local hold = redis.call('ZSCORE', held, item)
if not hold or tonumber(hold) ~= tonumber(lease_end) then return 0 end
local at, score = now(), redis.call('ZSCORE', due, item)
local untouched = score and tonumber(score) == tonumber(lease_end)
if again_s ~= '' then
  if untouched or not score then redis.call('ZADD', due, stamp(at + again_s), item) end
elseif untouched then
  redis.call('ZREM', due, item)
end
if tonumber(rest_s) > 0 then
  redis.call('ZADD', held, stamp(at + rest_s), item)
else
  redis.call('ZREM', held, item)
end
return 1
