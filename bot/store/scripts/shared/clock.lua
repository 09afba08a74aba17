-- Unix time in seconds by this server's clock.
local function now()
  local time = redis.call('TIME')
  return time[1] + time[2] / 1e6
end

-- A time as text that keeps its microseconds.
local function stamp(at)
  return string.format('%.6f', at)
end
