-- Reset lanes: their trouble is forgotten, and what waits in them may be called at once.
--
-- KEYS[14 ...]  one lane key per lane named in ARGV
--
-- ARGV[2]  channel   where dispatchers are told that there is something to do
-- ARGV[3]  queue     this queue's name, the message on that channel
-- ARGV[4 ...]        the lanes' names, in the order of their keys
--
-- Returns the indexes, from 1, of lanes that were in trouble.

local changed = {}
for at = 4, #ARGV do
  local lane = ARGV[at]
  if redis.call('HDEL', LANE_COOL, lane) == 1 then
    rehint(lane, KEYS[FIXED_KEYS + at - 3])
    changed[#changed + 1] = at - 3
  end
end
if #changed > 0 then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return changed
