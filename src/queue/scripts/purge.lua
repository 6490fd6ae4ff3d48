-- Purge tasks: delete each, wherever it is. The call of an active one is not aborted; its settle finds nothing. Until then the
-- number of its attempt stays in runs, so that a task added anew under its id never holds the same lease.
--
-- KEYS[10 ...]  one lane key per lane named in ARGV, then every dedup key the tasks name
--
-- ARGV[2]  states    the states a task must be in, comma-separated
-- ARGV[3]  channel   where dispatchers are told that an active one is gone
-- ARGV[4]  message   what they are told
-- ARGV[5]  lanes     how many lanes follow
-- ARGV[6 ...]        the lanes' names, in the order of their keys
-- then per task:
--   id
--   lane             index into the lanes, from 1
--   dedupKeys        indexes into KEYS, comma-separated, or empty
--
-- Returns the indexes, from 1, of the tasks it deleted.

local states, lanes = ',' .. ARGV[2] .. ',', tonumber(ARGV[5])
local PER_TASK = 3

local function remove(id, lane, laneKey, member)
  redis.call('ZREM', laneKey, id)
  redis.call('ZREM', RETRYING, id)
  redis.call('ZREM', DEAD, id)
  redis.call('ZREM', DELIVERED, id)
  redis.call('HDEL', TASKS, id)
  redis.call('HDEL', RUNS, id)
  if member then
    redis.call('ZREM', ACTIVE, member)
    -- The lane without a name is that of tasks that cannot be read.
    if lane == '' then recountLanes() else countLanes({lane}, {-1}) end
    redis.call('HSET', RUNS, id, string.match(member, '%d+$') .. ',0,0\n[]')
  end
  rehint(lane, laneKey)
end

expectTypes(lanes, {LANES, ACTIVE, RETRYING, DEAD, DELIVERED}, {TASKS, RUNS, LANE_ACTIVE})

-- Another lane than it was read in would be left with a place taken for ever. Of one that cannot be read the lane has no name.
local function hasMoved(id, lane)
  if lane == '' then return false end
  local task = redis.call('HGET', TASKS, id)
  local other = task and laneOf(task)
  return other and other ~= lane
end

local purged, tell = {}, false
for at = 6 + lanes, #ARGV, PER_TASK do
  local id, lane, dedupKeys = unpack(ARGV, at, at + PER_TASK - 1)
  local laneKey = KEYS[FIXED_KEYS + tonumber(lane)]
  local state, _, member = stateOf(id, laneKey)
  if state and not hasMoved(id, ARGV[5 + tonumber(lane)]) and string.find(states, ',' .. state .. ',', 1, true) then
    for index in string.gmatch(dedupKeys, '%d+') do
      -- An entry that has passed to another task is not this one's to free.
      local owner = string.match(redis.call('GET', KEYS[tonumber(index)]) or '', '^([^\t]*)\t')
      if owner == id then redis.call('DEL', KEYS[tonumber(index)]) end
    end
    remove(id, ARGV[5 + tonumber(lane)], laneKey, member)
    if member then tell = true end
    purged[#purged + 1] = (at - 6 - lanes) / PER_TASK + 1
  end
end

-- Its lane may have been full, and its call may not have begun.
if tell then redis.call('PUBLISH', ARGV[3], ARGV[4]) end
return purged
