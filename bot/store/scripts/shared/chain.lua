-- Append an entry to a stream in which every entry holds the value of the one before; gives its id.
-- `head` remembers the last entry apart from the stream, so that it shows when entries are taken off the end. Redis has
-- SHA-1 alone, which is enough: nobody chooses what goes into it, because the digest of the fields is a SHA-256.
local function append(stream, head, kept, digest, fields)
  local last = redis.call('HMGET', head, 'entry', 'number', 'chain')
  local number, before = (tonumber(last[2] or '') or 0) + 1, last[3] or ''
  local time = redis.call('TIME')
  local ms, sequence = time[1] * 1000 + math.floor(time[2] / 1000), 0
  local function follow(id)
    local its_ms, its_sequence = string.match(id, '^(%d+)-(%d+)$')
    if tonumber(its_ms) >= ms then ms, sequence = tonumber(its_ms), its_sequence + 1 end
  end
  if last[1] then follow(last[1]) end
  local function add(call)
    local id = string.format('%.0f-%.0f', ms, sequence)
    local chain = redis.sha1hex(before .. ' ' .. digest .. ' ' .. number .. ' ' .. id)
    local added = call('XADD', stream, 'MAXLEN', '~', kept, id, 'chain', chain, 'before', before, 'number', number, unpack(fields))
    return added, id, chain
  end
  local added, id, chain = add(redis.pcall)
  if type(added) == 'table' and added.err then
    -- Somebody else has added to the stream meanwhile, or what was remembered is gone.
    local about = redis.call('XINFO', 'STREAM', stream)
    for i = 1, #about, 2 do
      if about[i] == 'last-generated-id' then follow(about[i + 1]) end
    end
    added, id, chain = add(redis.call)
  end
  redis.call('HSET', head, 'entry', id, 'number', number, 'chain', chain)
  return id
end
