-- Scan sorted sets from a position on: what follows (score, member) in each, wherever that member is now. Writes nothing.
-- Among equal scores members are in order of their bytes, so a position stands even when its own member has left.
--
-- KEYS[10 ...]  the sorted sets
--
-- ARGV[2]  order      up or down
-- ARGV[3]  score      of the position; empty for the start
-- ARGV[4]  member     of the position
-- ARGV[5]  inclusive  1: begin with the position itself
-- ARGV[6]  limit      most members per set
--
-- Returns per set a flat list of member and score, in the order asked for.

local down, score, member, inclusive, limit = ARGV[2] == 'down', ARGV[3], ARGV[4], ARGV[5] == '1', tonumber(ARGV[6])

-- In the order of bytes, as sorted sets have it; Lua's own `<` goes by the locale of the server.
local function precedes(left, right)
  for at = 1, math.min(#left, #right) do
    local difference = string.byte(left, at) - string.byte(right, at)
    if difference ~= 0 then return difference < 0 end
  end
  return #left < #right
end

-- How many members stand before the position, counted upwards; `with` counts one equal to it as well.
local function before(key, with)
  local low, high = redis.call('ZCOUNT', key, '-inf', '(' .. score), redis.call('ZCOUNT', key, '-inf', score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local found = redis.call('ZRANGE', key, middle, middle)[1]
    if precedes(found, member) or (with and found == member) then low = middle + 1 else high = middle end
  end
  return low
end

local function page(key)
  if score == '' then return redis.call(down and 'ZREVRANGE' or 'ZRANGE', key, 0, limit - 1, 'WITHSCORES') end
  if not down then
    local from = before(key, not inclusive)
    return redis.call('ZRANGE', key, from, from + limit - 1, 'WITHSCORES')
  end
  local from = redis.call('ZCARD', key) - before(key, inclusive)
  return redis.call('ZREVRANGE', key, from, from + limit - 1, 'WITHSCORES')
end

local pages = {}
for at = FIXED_KEYS + 1, #KEYS do pages[#pages + 1] = page(KEYS[at]) end
return pages
