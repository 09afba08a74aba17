-- Note of each subject that it is not well or well again: only where that begins or ends something, it grows.
-- What is kept of a subject is a list: how often it began, then four of each of the newest episodes.
-- KEYS episodes subjects
-- ARGV at ttl kept most sights...
local moment = math.floor(at)
for i = 1, #sights, 3 do
  local subject, state, fixed = sights[i], sights[i + 1], sights[i + 2]
  local stored = redis.call('HGET', episodes, subject)
  local told = stored and cmsgpack.unpack(stored) or {0}
  local last = #told - 3
  local open = last > 1 and told[last + 2] == 0
  local changed = false
  if state == 'well' then
    if open and moment > told[last + 1] then
      told[last + 2], told[last + 3], changed = moment, fixed, true
    end
  elseif open then
    changed = moment > told[last + 1]
    told[last + 1] = math.max(told[last + 1], moment)
  elseif last < 2 or moment > told[last + 2] then
    told[1], changed = told[1] + 1, true
    for _, value in ipairs({moment, moment, 0, ''}) do told[#told + 1] = value end
    if #told > 1 + 4 * kept then
      for _ = 1, 4 do table.remove(told, 2) end
    end
  end
  if changed then
    redis.call('HSET', episodes, subject, cmsgpack.pack(told))
    redis.call('ZADD', subjects, 'GT', moment, subject)
  end
end
local gone = redis.call('ZRANGEBYSCORE', subjects, '-inf', moment - ttl)
local many = redis.call('ZCARD', subjects) - #gone - most
if many > 0 then
  for _, subject in ipairs(redis.call('ZRANGE', subjects, #gone, #gone + many - 1)) do gone[#gone + 1] = subject end
end
for _, subject in ipairs(gone) do
  redis.call('HDEL', episodes, subject)
  redis.call('ZREM', subjects, subject)
end
redis.call('EXPIRE', episodes, ttl)
redis.call('EXPIRE', subjects, ttl)
