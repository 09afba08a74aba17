-- Note that a post is begun: -1 while another one may be under way, 0 for the first, else when the first one began.
-- USES clock
-- KEYS message
-- ARGV part hold_s
if redis.call('EXISTS', message) == 0 then return '-1' end
local at = now()
local last = redis.call('HGET', message, 'posting:' .. part)
if last and last + hold_s > at then return '-1' end
redis.call('HSET', message, 'posting:' .. part, stamp(at))
if redis.call('HSETNX', message, 'begun:' .. part, stamp(at)) == 1 then return '0' end
return redis.call('HGET', message, 'begun:' .. part)
