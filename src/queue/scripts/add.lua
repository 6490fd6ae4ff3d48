-- Add tasks, each to its lane; one whose dedup entry or id is known already is answered, not added.
--
-- KEYS[10 ...]  one lane key per lane named in ARGV, then every dedup key the tasks name
--
-- ARGV[2]  channel   where dispatchers are told that there is something to do
-- ARGV[3]  queue     this queue's name, the message on that channel
-- ARGV[4]  lanes     how many lanes follow
-- ARGV[5 ...]        the lanes' names, in the order of their keys
-- then per task:
--   id
--   lane             index into the lanes, from 1
--   due              "+<ms>" from now, or an instant in ms
--   dedup            first line's tail: "\t<dedup key>" for each, or empty
--   task             the task's further lines
--   fingerprint      equal for equal requests
--   dedupKeys        indexes into KEYS, comma-separated, or empty
--
-- Returns per task {outcome, id, state, due}: outcome is new, duplicate or conflict; due is empty once it no longer waits.

local lanes = tonumber(ARGV[4])
local PER_TASK = 7

-- The id that holds the first of the dedup entries there is, whether its request was the same, and its final state, if it
-- ended; an entry of another request comes before all.
local function findEntry(dedupKeys, fingerprint)
  local owner, ended
  for index in string.gmatch(dedupKeys, '%d+') do
    local entry = redis.call('GET', KEYS[tonumber(index)])
    if entry then
      local id, known, state = string.match(entry, '^([^\t]*)\t([^\t]*)\t?(.*)$')
      if known ~= fingerprint then return id, false end
      if not owner then owner, ended = id, state end
    end
  end
  return owner, true, ended
end

local function answerKnown(id, same, laneKey, ended)
  if not same then return {'conflict', id, '', ''} end
  local state, score = stateOf(id, laneKey)
  -- An entry whose task was lost with its data holds nothing: the add goes on.
  if not state and ended == '' then return nil end
  local waits = state == 'ready' or state == 'scheduled' or state == 'retrying'
  return {'duplicate', id, state or ended, waits and score or ''}
end

local function known(id, laneKey, task, fingerprint, dedupKeys)
  local owner, same, ended = findEntry(dedupKeys, fingerprint)
  if owner then return answerKnown(owner, same, laneKey, ended) end
  -- Without an entry the id alone tells: the resend of an add whose answer was lost.
  local stored = redis.call('HGET', TASKS, id)
  if stored then return answerKnown(id, string.match(stored, '\n(.*)$') == task, laneKey, '') end
end

local function dueOf(text)
  if string.sub(text, 1, 1) ~= '+' then return tonumber(text) end
  local delay = tonumber(string.sub(text, 2))
  return delay == 0 and now or math.ceil(exact + delay)
end

expectTypes(lanes, {LANES}, {TASKS, COUNTERS})

local added, replies = 0, {}
for at = 5 + lanes, #ARGV, PER_TASK do
  local id, lane, due, dedup, task, fingerprint, dedupKeys = unpack(ARGV, at, at + PER_TASK - 1)
  local laneKey = KEYS[FIXED_KEYS + tonumber(lane)]
  local reply = known(id, laneKey, task, fingerprint, dedupKeys)
  if not reply then
    due = dueOf(due)
    redis.call('HSET', TASKS, id, digits(now) .. dedup .. '\n' .. task)
    redis.call('ZADD', laneKey, due, id)
    redis.call('ZADD', LANES, 'LT', due, ARGV[4 + tonumber(lane)])
    for index in string.gmatch(dedupKeys, '%d+') do redis.call('SET', KEYS[tonumber(index)], id .. '\t' .. fingerprint) end
    added = added + 1
    reply = {'new', id, due <= now and 'ready' or 'scheduled', digits(due)}
  end
  replies[#replies + 1] = reply
end

if added > 0 then
  redis.call('HINCRBY', COUNTERS, 'addedTotal', added)
  redis.call('PUBLISH', ARGV[2], ARGV[3])
end
return replies
