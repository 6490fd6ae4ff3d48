-- Revive tasks: a dead or retrying one is due now with a new set of attempts, a scheduled one is due now. Each may be replaced by a
-- mended one on the way, and then it moves to that one's lane.
--
-- KEYS[10 ...]  one lane key per lane named in ARGV, then every dedup key the tasks name
--
-- ARGV[2]  channel   where dispatchers are told that there is something to do
-- ARGV[3]  queue     this queue's name, the message on that channel
-- ARGV[4]  states    the states a task must be in, comma-separated
-- ARGV[5]  lanes     how many lanes follow
-- ARGV[6 ...]        the lanes' names, in the order of their keys
-- then per task:
--   id
--   lane             index into the lanes, from 1
--   dedupKeys        indexes into KEYS, comma-separated, or empty
--   newLane          index of the lane it goes to
--   digest           SHA-1 of the stored task that was mended, or empty: it stays as it is
--   mended           what is stored instead, but for the time in front
--
-- Returns the indexes, from 1, of the tasks it changed.

local states, lanes = ',' .. ARGV[4] .. ',', tonumber(ARGV[5])
local PER_TASK = 6

local revivable = {dead = true, retrying = true, scheduled = true}

-- The entry holds without end again, as long as the task lives; that of a unique task holds as long as ever.
local function renewDedup(key, id)
  local owner, fingerprint = string.match(redis.call('GET', key) or '', '^([^\t]*)\t([^\t]*)')
  if owner ~= id then return end
  if fingerprint == '' then
    redis.call('SET', key, id .. '\t', 'XX', 'KEEPTTL')
  else
    redis.call('SET', key, id .. '\t' .. fingerprint)
  end
end

-- Whether it is still the task that was read: one of this id may have been put in its place since, or this one moved to another lane.
local function isAsRead(task, lane, digest)
  if digest ~= '' then return redis.sha1hex(task) == digest end
  return laneOf(task) == lane
end

expectTypes(lanes, {LANES, RETRYING, DEAD}, {TASKS, RUNS})

local changed = {}
for at = 6 + lanes, #ARGV, PER_TASK do
  local id, lane, dedupKeys, newLane, digest, mended = unpack(ARGV, at, at + PER_TASK - 1)
  local laneName, laneKey = ARGV[5 + tonumber(lane)], KEYS[FIXED_KEYS + tonumber(lane)]
  local newLaneKey = KEYS[FIXED_KEYS + tonumber(newLane)]
  local task = redis.call('HGET', TASKS, id)
  local state = task and isAsRead(task, laneName, digest) and stateOf(id, laneKey)
  if state and revivable[state] and string.find(states, ',' .. state .. ',', 1, true) then
    redis.call('ZREM', DEAD, id)
    redis.call('ZREM', RETRYING, id)
    if newLane ~= lane and redis.call('ZREM', laneKey, id) == 1 then rehint(laneName, laneKey) end
    if digest ~= '' then redis.call('HSET', TASKS, id, string.match(task, '^[0-9a-z]+') .. mended) end
    renewRun(id)
    redis.call('ZADD', newLaneKey, now, id)
    for index in string.gmatch(dedupKeys, '%d+') do renewDedup(KEYS[tonumber(index)], id) end
    rehint(ARGV[5 + tonumber(newLane)], newLaneKey)
    changed[#changed + 1] = (at - 6 - lanes) / PER_TASK + 1
  end
end

if #changed > 0 then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return changed
