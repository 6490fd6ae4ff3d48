-- Add tasks, each to its lane; one whose dedup entry or id is known already is answered, not added.
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
--   due              "+<ms>" from now, or an instant in ms
--   task             what is stored, but for the time in front
--   fingerprint      equal for equal requests
--   dedupKeys        indexes into KEYS, comma-separated, or empty; then maybe a blank and how the last of them holds
--
-- How it holds: "<ms>" is for what a unique task sends, and holds for so long; "r" is that of a task that replaces a waiting one.
--
-- Returns {now, dues, known}: dues are the due times of all tasks, comma-separated, none where nothing was added; known is a flat list,
-- {outcome, id, state, due} for each of those in turn: outcome is duplicate, unique (the same content was added a while ago), replaced or
-- conflict; due is empty once it no longer waits.

local lanes = tonumber(ARGV[4])
local PER_TASK = 6

local createdAt, dueNow = base36(now), digits(now)

-- Gathered, to be written in one call each: commands are what a script's time goes into.
local bodies, entries, windows, waiting, added, replaced = {}, {}, {}, {}, 0, 0

-- The ids, and the indexes of dedup keys, that are there already.
local taken = {}

local function findTaken()
  local ids = {}
  for at = 5 + lanes, #ARGV, PER_TASK do ids[#ids + 1] = ARGV[at] end
  if #ids == 0 then return end
  for index, task in ipairs(redis.call('HMGET', TASKS, unpack(ids))) do
    if task then taken[ids[index]] = true end
  end
  local first = FIXED_KEYS + lanes + 1
  if first > #KEYS then return end
  for index, entry in ipairs(redis.call('MGET', unpack(KEYS, first))) do
    if entry then taken[first + index - 1] = true end
  end
end

local function isTaken(id, dedupKeys)
  if taken[id] then return true end
  if dedupKeys == '' then return false end
  for index in string.gmatch(dedupKeys, '%d+') do
    if taken[tonumber(index)] then return true end
  end
end

-- The waiting task that has this key to be replaced by, with its lane.
local function findWaiting(key)
  local id = string.match(redis.call('GET', key) or '', '^([^\t]*)\tr')
  local stored = id and redis.call('HGET', TASKS, id)
  local lane = stored and laneOf(stored)
  if not lane then return nil end
  local laneKey = string.gsub(TASKS, 'tasks$', 'lane:') .. lane
  if redis.call('ZSCORE', laneKey, id) then return id, stored, lane, laneKey end
end

-- Looks at all that will be replaced: their lanes are not among the KEYS, and what fails must fail before anything is written.
local function checkReplaced()
  for at = 5 + lanes, #ARGV, PER_TASK do
    local key = string.match(ARGV[at + PER_TASK - 1], '^(%d+) r$')
    if key and findWaiting(KEYS[tonumber(key)]) then
      redis.call('ZCARD', RETRYING)
      redis.call('HLEN', RUNS)
    end
  end
end

-- It keeps its id and when it was added, and begins anew with its errors.
local function replace(key, lane, due, task)
  local id, stored, oldLane, oldKey = findWaiting(key)
  if not id then return nil end
  redis.call('ZREM', oldKey, id)
  redis.call('ZREM', RETRYING, id)
  renewRun(id)
  redis.call('HSET', TASKS, id, string.match(stored, '^[0-9a-z]*') .. task)
  redis.call('ZADD', KEYS[FIXED_KEYS + lane], due, id)
  rehint(oldLane, oldKey)
  redis.call('ZADD', LANES, 'LT', due, ARGV[4 + lane])
  replaced = replaced + 1
  return {'replaced', id, tonumber(due) <= now and 'ready' or 'scheduled', due}
end

-- The id that holds the first of the dedup entries there is, whether its request was the same, and its final state, if it
-- ended; an entry of another request comes before all. That of a unique task has no fingerprint: its key says it all.
local function findEntry(dedupKeys, fingerprint)
  local owner, ended, outcome
  for index in string.gmatch(dedupKeys, '%d+') do
    local entry = redis.call('GET', KEYS[tonumber(index)])
    if entry then
      local id, known, state = string.match(entry, '^([^\t]*)\t([^\t]*)\t?(.*)$')
      -- '?' stands for an add that nobody heard of (see remember): what it asked for is not known any more.
      if known ~= '' and known ~= '?' and known ~= fingerprint then return id, 'conflict' end
      if not owner then owner, outcome, ended = id, known == '' and 'unique' or 'duplicate', state end
    end
  end
  return owner, outcome, ended
end

local function answerKnown(id, outcome, lane, ended)
  if outcome == 'conflict' then return {outcome, id, '', ''} end
  local state, score = stateOfMoved(id, ARGV[4 + lane], KEYS[FIXED_KEYS + lane])
  -- An entry whose task was lost with its data holds nothing: the add goes on.
  if not state and ended == '' then return nil end
  local waits = state == 'ready' or state == 'scheduled' or state == 'retrying'
  return {outcome, id, state or ended, waits and score or ''}
end

local function answerTaken(id, lane, task, fingerprint, dedupKeys)
  local owner, outcome, ended = findEntry(dedupKeys, fingerprint)
  if owner then return answerKnown(owner, outcome, lane, ended) end
  -- Without an entry the id alone tells: the resend of an add whose answer was lost.
  local stored = redis.call('HGET', TASKS, id)
  if stored then return answerKnown(id, contentOf(stored) == contentOf(task) and 'duplicate' or 'conflict', lane, '') end
end

local function dueOf(text)
  if text == '+0' then return dueNow end
  -- What is past means now: an old instant would stand before all others of its lane.
  if string.sub(text, 1, 1) ~= '+' then return tonumber(text) > now and text or dueNow end
  return digits(math.ceil(exact + tonumber(string.sub(text, 2))))
end

local function gather(id, lane, due, task, fingerprint, dedupKeys, mode)
  append(bodies, id, createdAt .. task)
  waiting[lane] = waiting[lane] or {}
  append(waiting[lane], due, id)
  taken[id] = true
  if dedupKeys == '' then return end
  for index in string.gmatch(dedupKeys, '%d+') do
    append(entries, KEYS[tonumber(index)], id .. '\t' .. (mode == 'r' and mode or fingerprint))
    taken[tonumber(index)] = true
  end
  if tonumber(mode) then
    local last = #entries
    windows[#windows + 1] = {entries[last - 1], id .. '\t', mode}
    entries[last - 1], entries[last] = nil, nil
  end
end

local function write()
  if #bodies == 0 then return end
  redis.call('HSET', TASKS, unpack(bodies))
  local hints = {}
  for lane, dues in pairs(waiting) do
    redis.call('ZADD', KEYS[FIXED_KEYS + lane], unpack(dues))
    local head = dues[1]
    for at = 3, #dues, 2 do
      if dues[at] ~= head and tonumber(dues[at]) < tonumber(head) then head = dues[at] end
    end
    append(hints, head, ARGV[4 + lane])
  end
  redis.call('ZADD', LANES, 'LT', unpack(hints))
  if #entries > 0 then redis.call('MSET', unpack(entries)) end
  for _, window in ipairs(windows) do redis.call('SET', window[1], window[2], 'PX', window[3]) end
  added = added + #bodies / 2
  bodies, entries, windows, waiting = {}, {}, {}, {}
end

expectTypes(lanes, {LANES}, {TASKS, COUNTERS})
findTaken()
if #KEYS > FIXED_KEYS + lanes then checkReplaced() end

local dues, known = {}, {}
for at = 5 + lanes, #ARGV, PER_TASK do
  local id, lane, due, task, fingerprint, dedupKeys = unpack(ARGV, at, at + PER_TASK - 1)
  local answer, mode
  lane = tonumber(lane)
  if dedupKeys ~= '' then dedupKeys, mode = string.match(dedupKeys, '^([%d,]+) ?(.*)$') end
  if mode == 'r' then
    write()
    answer = replace(KEYS[tonumber(dedupKeys)], lane, dueOf(due), task)
    -- Sent again when it no longer waits.
    if not answer and taken[id] then answer = answerKnown(id, 'duplicate', lane, '') end
  elseif isTaken(id, dedupKeys) then
    -- It may be one of those before it.
    write()
    answer = answerTaken(id, lane, task, fingerprint, dedupKeys)
  end
  if answer then
    for _, value in ipairs(answer) do known[#known + 1] = value end
    due = ''
  else
    due = dueOf(due)
    gather(id, lane, due, task, fingerprint, dedupKeys, mode)
  end
  dues[#dues + 1] = due
end
write()

if added > 0 then redis.call('HINCRBY', COUNTERS, 'addedTotal', added) end
if added + replaced > 0 then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return {dueNow, table.concat(dues, ','), known}
