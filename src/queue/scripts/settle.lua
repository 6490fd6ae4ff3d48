-- Settle attempts: complete, retry, bury or release each that still holds its lease; a later attempt's task is left alone.
-- With onlyLost it is reclaim: the same, for leases that have run out.
--
-- KEYS[14 ...]  one lane key per lane named in ARGV, then every dedup key the tasks name
--
-- ARGV[2]  keepDelivered  how many delivered tasks to keep
-- ARGV[3]  onlyLost       1: leave alone a lease that still runs
-- ARGV[4]  channel        where dispatchers are told that there is something to do
-- ARGV[5]  queue          this queue's name, the message on that channel
-- ARGV[6]  proven         indexes of lanes to be noted as ones whose target answers, with a comma after each, or empty
-- ARGV[7]  lanes          how many lanes follow
-- ARGV[8 ...]             the lanes' names, in the order of their keys
-- then per attempt:
--   what                  "<lane>" to complete it, or "<lane> <op> <due> <dedup keys> <target>", maybe with a callback (see settle)
--   id, attempt
--   run                   what becomes of the task's run; then the callback's task, if there is one
--
-- Returns the indexes, from 1, of attempts that no longer held their lease.

local keepDelivered, onlyLost, lanes = tonumber(ARGV[2]), ARGV[3] == '1', tonumber(ARGV[7])
local PER_ATTEMPT = 4

-- Most of what one call drops from the delivered: bounds it when the limit was lowered.
local MOST_DROPPED = 1000

-- Gathered, to be written in one call each: commands are what a script's time goes into.
local runs, dropped, delivered, left, counts, waiting = {}, {}, {}, {}, {}, {}

-- Whether other processes have something to do now that they cannot know of: a task given back, or a lane that was full.
local wake = false

local nowDigits = digits(now)

local function count(name) counts[name] = (counts[name] or 0) + 1 end

local function complete(id, run)
  count('deliveredTotal')
  if keepDelivered == 0 then
    dropped[#dropped + 1] = id
  else
    append(runs, id, run)
    append(delivered, nowDigits, id)
  end
end

local function bury(id, run)
  count('deadTotal')
  count(onlyLost and 'lostLeasesTotal' or 'errorsTotal')
  append(runs, id, run)
  redis.call('ZADD', DEAD, now, id)
end

-- Back into its lane.
local function wait(id, run, lane, due, hasFailed)
  append(runs, id, run)
  redis.call('ZADD', KEYS[FIXED_KEYS + lane], due, id)
  if hasFailed then redis.call('ZADD', RETRYING, due, id) end
  waiting[lane] = true
end

local function retry(id, run, lane, ms)
  count('errorsTotal')
  wait(id, run, lane, digits(math.ceil(exact + tonumber(ms))), true)
end

local function release(id, run, lane, due)
  if onlyLost then count('lostLeasesTotal') end
  wake = true
  wait(id, run, lane, due == '' and nowDigits or due, not string.find(run, '^%d+,0,'))
end

-- Adds the task that tells of this end, and returns the run without it. The callback is "<lane> <id> <bytes of the run>".
local function call(callback, run)
  local lane, id, bytes = string.match(callback, '^(%d+) (%S+) (%d+)$')
  lane, bytes = tonumber(lane), tonumber(bytes)
  if redis.call('HSETNX', TASKS, id, base36(now) .. string.sub(run, bytes + 1)) == 1 then
    redis.call('ZADD', KEYS[FIXED_KEYS + lane], now, id)
    redis.call('ZADD', LANES, 'LT', now, ARGV[7 + lane])
    count('addedTotal')
    wake = true
  end
  return string.sub(run, 1, bytes)
end

-- The lane is its index, from 1. The op is complete, retry, bury or release. Due is ms from now for a retry, an instant in ms, or
-- empty for now, for a release. The dedup keys are indexes into KEYS, comma-separated, or empty. The target: + it answered; a
-- number: it is in trouble, and asked to be left alone for so many ms; empty: nothing was learnt of it.
local function settle(what, id, attempt, run)
  local lane, op, due, dedupKeys, target, callback = string.match(what, '^(%d+) (%l+) ([%d.]*) ([%d,]*) ([%d+]*) ?(.*)$')
  lane = tonumber(lane or what)
  if callback and callback ~= '' then run = call(callback, run) end
  left[lane] = (left[lane] or 0) + 1
  hear(ARGV[7 + lane], target or '+', id, attempt)
  if op == 'retry' then return retry(id, run, lane, due) end
  if op == 'release' then return release(id, run, lane, due) end
  for index in string.gmatch(dedupKeys or '', '%d+') do endDedup(KEYS[tonumber(index)], id, op == 'bury' and 'dead' or 'delivered') end
  if op == 'bury' then bury(id, run) else complete(id, run) end
end

-- The call of a purged task has ended: the number of its attempt, kept by purge, may be given again.
local function forget(id, attempt)
  if redis.call('HEXISTS', TASKS, id) == 1 then return end
  if attemptsOf(redis.call('HGET', RUNS, id)) == tonumber(attempt) then redis.call('HDEL', RUNS, id) end
end

-- Which of the attempts still hold their lease, by their index. Those leases end here, before anything is added.
local function takeHeld()
  local members, held, known, holds = {}, {}, {}, {}
  for at = 8 + lanes, #ARGV, PER_ATTEMPT do members[#members + 1] = ARGV[at + 1] .. '#' .. ARGV[at + 2] end
  if #members == 0 then return holds end
  for index, lease in ipairs(redis.call('ZMSCORE', ACTIVE, unpack(members))) do
    local member = members[index]
    if lease and not known[member] and not (onlyLost and tonumber(lease) > now) then
      known[member], holds[index] = true, true
      held[#held + 1] = member
    end
  end
  if #held > 0 then redis.call('ZREM', ACTIVE, unpack(held)) end
  return holds
end

-- Frees the places of what has left, and points the hints of lanes that may have been full, or got a task back, at their heads.
local function leaveLanes()
  local names, changes, keys, recount = {}, {}, {}, false
  for lane, number in pairs(left) do
    local name = ARGV[7 + lane]
    names[#names + 1], changes[#changes + 1], keys[#keys + 1] = name, -number, lane
    -- The lane without a name is that of tasks that cannot be read.
    if name == '' then recount = true end
  end
  if #names == 0 then return end
  countLanes(names, changes)
  for at, hint in ipairs(redis.call('ZMSCORE', LANES, unpack(names))) do
    hint = tonumber(hint or 0)
    -- Later than now is what a full lane has, also where an add has lowered it since.
    if hint > now or waiting[keys[at]] then
      local head = tonumber(rehint(names[at], KEYS[FIXED_KEYS + keys[at]]))
      local trouble = head and troubles[names[at]]
      local rests = trouble and setsAsideAfter > 0 and restOf(trouble)
      if rests and rests > head then
        redis.call('ZADD', LANES, digits(rests), names[at])
      elseif head and head < hint then
        wake = true
      end
    end
  end
  -- It sees what has left the other lanes as well: it comes after all of them.
  if recount and recountLanes() then wake = true end
end

-- The oldest delivered tasks make room for the newest.
local function trimDelivered()
  local excess = math.min(redis.call('ZCARD', DELIVERED) - keepDelivered, MOST_DROPPED)
  if excess <= 0 then return end
  local oldest = redis.call('ZRANGE', DELIVERED, 0, excess - 1)
  redis.call('ZREMRANGEBYRANK', DELIVERED, 0, excess - 1)
  redis.call('HDEL', TASKS, unpack(oldest))
  redis.call('HDEL', RUNS, unpack(oldest))
end

expectTypes(lanes, {LANES, ACTIVE, RETRYING, DEAD, DELIVERED}, {TASKS, RUNS, LANE_ACTIVE, COUNTERS})

local limits = redis.call('HMGET', SETTINGS, 'concurrency', 'coolDownAfter')
readTroubles({unpack(ARGV, 8, 7 + lanes)}, limits[2])
local wasFull = limits[1] and redis.call('ZCARD', ACTIVE) >= tonumber(limits[1])

local holds, index, gone = takeHeld(), 0, {}
for at = 8 + lanes, #ARGV, PER_ATTEMPT do
  local what, id, attempt, run = unpack(ARGV, at, at + PER_ATTEMPT - 1)
  index = index + 1
  if holds[index] then
    settle(what, id, attempt, run)
  else
    gone[#gone + 1] = index
    -- To lose a lease does not end the call: reclaim forgets nothing.
    if not onlyLost then forget(id, attempt) end
  end
end

if #runs > 0 then redis.call('HSET', RUNS, unpack(runs)) end
if #dropped > 0 then
  redis.call('HDEL', TASKS, unpack(dropped))
  redis.call('HDEL', RUNS, unpack(dropped))
end
local answering = {}
for lane in string.gmatch(ARGV[6], '%d+') do answering[#answering + 1] = ARGV[7 + tonumber(lane)] end
writeTroubles(answering)
leaveLanes()
for name, number in pairs(counts) do redis.call('HINCRBY', COUNTERS, name, number) end
if #delivered > 0 then redis.call('ZADD', DELIVERED, unpack(delivered)) end
-- Also where none of these is kept: the limit may have been lowered to 0.
if counts.deliveredTotal then trimDelivered() end
if wake or wasFull then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
return gone
