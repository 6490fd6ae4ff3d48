-- Revive tasks: a dead or retrying one is due now with a new set of attempts, a scheduled one is due now.
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
--
-- Returns the indexes, from 1, of the tasks it changed.

local states, lanes = ',' .. ARGV[4] .. ',', tonumber(ARGV[5])
local PER_TASK = 3

local revivable = {dead = true, retrying = true, scheduled = true}

-- Errors, lost leases and its age begin again; the attempts made, and their history, stay.
local function renewRun(id)
  local run = redis.call('HGET', RUNS, id)
  if not run then return end
  redis.call('HSET', RUNS, id, (string.gsub(run, '^(%d+),%d+,%d+[,%d]*', '%1,0,0', 1)))
end

-- The entry holds without end again, as long as the task lives.
local function renewDedup(key, id)
  local owner, fingerprint = string.match(redis.call('GET', key) or '', '^([^\t]*)\t([^\t]*)')
  if owner == id then redis.call('SET', key, id .. '\t' .. fingerprint) end
end

expectTypes(lanes, {LANES, RETRYING, DEAD}, {RUNS})

local changed = {}
for at = 6 + lanes, #ARGV, PER_TASK do
  local id, lane, dedupKeys = unpack(ARGV, at, at + PER_TASK - 1)
  local laneKey = KEYS[FIXED_KEYS + tonumber(lane)]
  local state = stateOf(id, laneKey)
  if state and revivable[state] and string.find(states, ',' .. state .. ',', 1, true) then
    redis.call('ZREM', DEAD, id)
    redis.call('ZREM', RETRYING, id)
    renewRun(id)
    redis.call('ZADD', laneKey, now, id)
    for index in string.gmatch(dedupKeys, '%d+') do renewDedup(KEYS[tonumber(index)], id) end
    rehint(ARGV[5 + tonumber(lane)], laneKey)
    changed[#changed + 1] = (at - 6 - lanes) / PER_TASK + 1
  end
end

if #changed > 0 then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return changed
