-- Count the tasks of a queue by state, at one moment for as many lanes as it is given. Writes nothing.
--
-- KEYS[10 ...]  lane keys
--
-- Returns {waiting, due, oldest due time or empty} of those lanes together, then of the whole queue {active, retrying,
-- retrying and due, dead, delivered}, then its counters as a flat list.

local waiting, due, oldest = 0, 0, nil
for at = FIXED_KEYS + 1, #KEYS do
  waiting = waiting + redis.call('ZCARD', KEYS[at])
  due = due + redis.call('ZCOUNT', KEYS[at], '-inf', now)
  local head = tonumber(redis.call('ZRANGE', KEYS[at], 0, 0, 'WITHSCORES')[2])
  if head and (not oldest or head < oldest) then oldest = head end
end

local states = {
  redis.call('ZCARD', ACTIVE),
  redis.call('ZCARD', RETRYING),
  redis.call('ZCOUNT', RETRYING, '-inf', now),
  redis.call('ZCARD', DEAD),
  redis.call('ZCARD', DELIVERED),
}
return {{waiting, due, oldest and digits(oldest) or ''}, states, redis.call('HGETALL', COUNTERS)}
