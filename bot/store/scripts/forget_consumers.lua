-- Forget consumers that are long gone. What one of them still holds is taken over first.
-- KEYS stream
-- ARGV group idle_ms
if redis.call('EXISTS', stream) == 0 then return end
for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group)) do
  local consumer = {}
  for i = 1, #row, 2 do consumer[row[i]] = row[i + 1] end
  if consumer.pending == 0 and consumer.idle > tonumber(idle_ms) then
    redis.call('XGROUP', 'DELCONSUMER', stream, group, consumer.name)
  end
end
