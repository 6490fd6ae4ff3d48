-- Tallies: what the last hour has seen. Writes nothing.
--
-- ARGV[2]  prefix   a minute's key is this and its number since the epoch
-- ARGV[3]  minutes  how many to look at, the current one included
--
-- Returns {now, addedTotal, minutes}: minutes is a flat list, how many minutes ago and what it has seen (a flat list) in turn.

local current, seen = math.floor(now / 60000), {}
for ago = 0, tonumber(ARGV[3]) - 1 do
  local fields = redis.call('HGETALL', ARGV[2] .. digits(current - ago))
  if #fields > 0 then append(seen, ago, fields) end
end
return {now, tonumber(redis.call('HGET', COUNTERS, 'addedTotal') or 0), seen}
