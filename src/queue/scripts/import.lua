-- Import tasks: put each where it stood, unless one of its id is here, or was here and its entry still tells.
--
-- KEYS[10 ...]  one lane key per lane named in ARGV, then every dedup key the tasks name
--
-- ARGV[2]  channel   where dispatchers are told that there is something to do
-- ARGV[3]  message   what they are told
-- ARGV[4]  lanes     how many lanes follow
-- ARGV[5 ...]        the lanes' names, in the order of their keys
-- then per task:
--   id
--   lane             index into the lanes, from 1
--   state            ready (also where it is due later), retrying, dead or delivered
--   score            when it is due, or when it ended, in ms
--   task             what is stored
--   run              what is stored of its run, or empty
--   fingerprint      what its dedup entries say of the request
--   dedupKeys        indexes into KEYS, comma-separated
--
-- Returns per task imported, unchanged or conflict.

local lanes = tonumber(ARGV[4])
local PER_TASK = 8

-- Whether the task is known already: unchanged where it is the same, conflict where its id or a key of it is another's.
local function known(id, task, dedupKeys)
  local stored = redis.call('HGET', TASKS, id)
  if stored then return contentOf(stored) == contentOf(task) and 'unchanged' or 'conflict' end
  local outcome
  for index in string.gmatch(dedupKeys, '%d+') do
    local entry = redis.call('GET', KEYS[tonumber(index)])
    if entry and string.match(entry, '^[^\t]*') ~= id then return 'conflict' end
    -- It was here, has ended, and is no longer kept.
    if entry and string.match(entry, '\t.*\t') then outcome = 'unchanged' end
  end
  return outcome
end

-- Of a task purged while active the number of its attempt is kept: a new lease must not be the old one.
local function putRun(id, run)
  local before = attemptsOf(redis.call('HGET', RUNS, id))
  if run == '' and before == 0 then return end
  if run == '' then run = '0,0,0\n[]' end
  if before > attemptsOf(run) then run = string.gsub(run, '^%d+', digits(before), 1) end
  redis.call('HSET', RUNS, id, run)
end

local function put(id, lane, state, score)
  if state == 'dead' then return redis.call('ZADD', DEAD, score, id) end
  if state == 'delivered' then return redis.call('ZADD', DELIVERED, score, id) end
  redis.call('ZADD', KEYS[FIXED_KEYS + lane], score, id)
  if state == 'retrying' then redis.call('ZADD', RETRYING, score, id) end
  redis.call('ZADD', LANES, 'LT', score, ARGV[4 + lane])
end

local function putEntries(id, state, fingerprint, dedupKeys)
  local ended = state == 'dead' or state == 'delivered'
  for index in string.gmatch(dedupKeys, '%d+') do
    redis.call('SET', KEYS[tonumber(index)], id .. '\t' .. fingerprint)
    if ended then endDedup(KEYS[tonumber(index)], id, state) end
  end
end

expectTypes(lanes, {LANES, RETRYING, DEAD, DELIVERED}, {TASKS, RUNS, COUNTERS})

local outcomes, imported = {}, 0
for at = 5 + lanes, #ARGV, PER_TASK do
  local id, lane, state, score, task, run, fingerprint, dedupKeys = unpack(ARGV, at, at + PER_TASK - 1)
  local outcome = known(id, task, dedupKeys)
  if not outcome then
    redis.call('HSET', TASKS, id, task)
    putRun(id, run)
    put(id, tonumber(lane), state, score)
    putEntries(id, state, fingerprint, dedupKeys)
    imported = imported + 1
  end
  outcomes[#outcomes + 1] = outcome or 'imported'
end

if imported > 0 then
  redis.call('HINCRBY', COUNTERS, 'addedTotal', imported)
  redis.call('PUBLISH', ARGV[2], ARGV[3])
end
return outcomes
