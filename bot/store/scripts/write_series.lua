-- Add what one run measured to series, once a run, and forget the places that were not written for longest.
-- A series is a string of three rings of slots; see bot/history/points.py. Gives the places that are forgotten.
-- KEYS written places series...
-- ARGV run at ttl written_s most lower quarter quarters hour hours day days values...
local slot = '<I2I2ff'
local bytes = struct.size(slot)
local widths, counts = {tonumber(quarter), tonumber(hour), tonumber(day)}, {tonumber(quarters), tonumber(hours), tonumber(days)}
local fine = bytes * (counts[1] + counts[2])
local size = fine + bytes * counts[3]

-- A series that was kept for another number of days: the fine rings as they are, each day in its new slot.
local function resized(old)
  local former = (#old - fine) / bytes
  if former < 1 then return string.rep('\0', size) end
  local kept, newest = {}, {}
  for i = 1, counts[3] do kept[i], newest[i] = string.rep('\0', bytes), -1 end
  for i = 0, former - 1 do
    local part = string.sub(old, fine + bytes * i + 1, fine + bytes * (i + 1))
    local lap, count, mean, worst = struct.unpack(slot, part)
    local bucket = lap * former + i
    local place = bucket % counts[3] + 1
    if count > 0 and bucket > newest[place] then
      newest[place] = bucket
      kept[place] = struct.pack(slot, math.floor(bucket / counts[3]), count, mean, worst)
    end
  end
  return string.sub(old, 1, fine) .. table.concat(kept)
end

local function add(key, offset, ring, value)
  local bucket = math.floor(at / widths[ring])
  local now_lap, start = math.floor(bucket / counts[ring]), offset + bytes * (bucket % counts[ring])
  local lap, count, mean, worst = struct.unpack(slot, redis.call('GETRANGE', key, start, start + bytes - 1))
  if count > 0 and lap > now_lap then return end
  if count == 0 or lap < now_lap then count, mean, worst = 0, 0, value end
  mean = mean + (value - mean) / (count + 1)
  if lower == '1' then worst = math.min(worst, value) else worst = math.max(worst, value) end
  redis.call('SETRANGE', key, start, struct.pack(slot, now_lap, math.min(count + 1, 65535), mean, worst))
end

redis.call('ZREMRANGEBYSCORE', written, '-inf', at - written_s)
if redis.call('ZADD', written, 'NX', at, run) == 0 then return {} end
redis.call('EXPIRE', written, written_s)
local measured = {}
for i, key in ipairs(series) do
  local place, value = values[2 * i - 1], tonumber(values[2 * i])
  -- Of its full size at once: a string that grows is given twice the room that it needs.
  local length = redis.call('STRLEN', key)
  if length == 0 then
    redis.call('SET', key, string.rep('\0', size))
  elseif length ~= size then
    redis.call('SET', key, resized(redis.call('GET', key)))
  end
  local offset = 0
  for ring = 1, 3 do
    add(key, offset, ring, value)
    offset = offset + bytes * counts[ring]
  end
  redis.call('EXPIRE', key, ttl)
  measured[#measured + 1] = at
  measured[#measured + 1] = place
end
redis.call('ZADD', places, 'GT', unpack(measured))
redis.call('EXPIRE', places, ttl)
redis.call('ZREMRANGEBYSCORE', places, '-inf', at - ttl)
local many = redis.call('ZCARD', places) - most
local forgotten = {}
if many > 0 then
  local popped = redis.call('ZPOPMIN', places, many)
  for i = 1, #popped, 2 do forgotten[#forgotten + 1] = popped[i] end
end
return forgotten
