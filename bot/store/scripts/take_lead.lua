-- Become or stay the one that is active: the number of one's turn, or 0 while another one is.
-- A turn that has ended is followed by one with a larger number, whoever begins it.
-- USES clock
-- KEYS lead
-- ARGV name seconds
local held = redis.call('HMGET', lead, 'name', 'until', 'turn')
local moment = now()
local running = held[2] and tonumber(held[2]) > moment
if running and held[1] ~= name then return 0 end
local turn = tonumber(held[3] or '0')
if not running then turn = turn + 1 end
redis.call('HSET', lead, 'name', name, 'until', stamp(moment + tonumber(seconds)), 'turn', turn)
return turn
