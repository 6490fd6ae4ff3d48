-- Settle attempts: complete, retry, bury or release each that still holds its lease; a later attempt's task is left alone.
-- With onlyLost it is reclaim: the same, for leases that have run out.
--
-- KEYS[10 ...]  one lane key per lane named in ARGV, then every dedup key the tasks name
--
-- ARGV[2]  keepDelivered  how many delivered tasks to keep
-- ARGV[3]  onlyLost       1: leave alone a lease that still runs
-- ARGV[4]  channel        where dispatchers are told that there is something to do
-- ARGV[5]  queue          this queue's name, the message on that channel
-- ARGV[6]  lanes          how many lanes follow
-- ARGV[7 ...]             the lanes' names, in the order of their keys
-- then per attempt:
--   op                    complete, retry, bury or release
--   id, attempt
--   lane                  index into the lanes, from 1
--   due                   retry: ms from now; release: an instant in ms, empty for now
--   run                   what becomes of the task's run
--   dedupKeys             indexes into KEYS, comma-separated, or empty
--
-- Returns the indexes, from 1, of attempts that no longer held their lease.

local keepDelivered, onlyLost, lanes = tonumber(ARGV[2]), ARGV[3] == '1', tonumber(ARGV[6])
local PER_ATTEMPT = 7

-- Most of what one call drops from the delivered: bounds it when the limit was lowered.
local MOST_DROPPED = 1000

-- Gathered, to be written in one call each: commands are what a script's time goes into.
local runs, dropped, delivered, left, counts = {}, {}, {}, {}, {}

-- Whether other processes have something to do now that they cannot know of: a task given back, or a lane that was full.
local wake = false

local function append(list, first, second)
  list[#list + 1] = first
  list[#list + 1] = second
end

local function count(name) counts[name] = (counts[name] or 0) + 1 end

local function endTask(id, state, dedupKeys)
  for index in string.gmatch(dedupKeys, '%d+') do endDedup(KEYS[tonumber(index)], id, state) end
end

local ops = {}

function ops.complete(id, _, _, run, dedupKeys)
  count('deliveredTotal')
  endTask(id, 'delivered', dedupKeys)
  if keepDelivered == 0 then
    append(dropped, id)
  else
    append(runs, id, run)
    append(delivered, digits(now), id)
  end
end

function ops.retry(id, laneKey, wait, run)
  count('errorsTotal')
  local due = digits(math.ceil(exact + tonumber(wait)))
  append(runs, id, run)
  redis.call('ZADD', laneKey, due, id)
  redis.call('ZADD', RETRYING, due, id)
end

function ops.bury(id, _, _, run, dedupKeys)
  count('deadTotal')
  count(onlyLost and 'lostLeasesTotal' or 'errorsTotal')
  endTask(id, 'dead', dedupKeys)
  append(runs, id, run)
  redis.call('ZADD', DEAD, now, id)
end

function ops.release(id, laneKey, due, run)
  if onlyLost then count('lostLeasesTotal') end
  wake = true
  due = due == '' and digits(now) or due
  append(runs, id, run)
  redis.call('ZADD', laneKey, due, id)
  if not string.find(run, '^%d+,0,') then redis.call('ZADD', RETRYING, due, id) end
end

-- The call of a purged task has ended: the number of its attempt, kept by purge, may be given again.
local function forget(id, attempt)
  if redis.call('HEXISTS', TASKS, id) == 1 then return end
  if attemptsOf(redis.call('HGET', RUNS, id)) == tonumber(attempt) then redis.call('HDEL', RUNS, id) end
end

-- Which of the attempts still hold their lease, by their index. Those leases end here, before anything is added.
local function takeHeld()
  local members, held, holds = {}, {}, {}
  for at = 7 + lanes, #ARGV, PER_ATTEMPT do append(members, ARGV[at + 1] .. '#' .. ARGV[at + 2]) end
  if #members == 0 then return holds end
  for index, lease in ipairs(redis.call('ZMSCORE', ACTIVE, unpack(members))) do
    local member = members[index]
    if lease and not held[member] and not (onlyLost and tonumber(lease) > now) then
      held[member], holds[index] = true, true
      append(held, member)
    end
  end
  if #held > 0 then redis.call('ZREM', ACTIVE, unpack(held)) end
  return holds
end

expectTypes(lanes, {LANES, ACTIVE, RETRYING, DEAD, DELIVERED}, {TASKS, RUNS, LANE_ACTIVE, COUNTERS})

local holds, index, gone = takeHeld(), 0, {}
for at = 7 + lanes, #ARGV, PER_ATTEMPT do
  local op, id, attempt, lane, due, run, dedupKeys = unpack(ARGV, at, at + PER_ATTEMPT - 1)
  index = index + 1
  if holds[index] then
    lane = tonumber(lane)
    left[lane] = (left[lane] or 0) + 1
    ops[op](id, KEYS[FIXED_KEYS + lane], due, run, dedupKeys)
  else
    append(gone, index)
    -- To lose a lease does not end the call: reclaim forgets nothing.
    if not onlyLost then forget(id, attempt) end
  end
end

if #runs > 0 then redis.call('HSET', RUNS, unpack(runs)) end
if #dropped > 0 then
  redis.call('HDEL', TASKS, unpack(dropped))
  redis.call('HDEL', RUNS, unpack(dropped))
end
local recount
for lane, number in pairs(left) do
  -- A recount sees what has left the other lanes as well: it comes after all of them.
  local name = ARGV[6 + lane]
  if name == '' then recount = true else leaveLane(name, number) end
  if tonumber(redis.call('ZSCORE', LANES, name) or 0) == FULL then wake = true end
  rehint(name, KEYS[FIXED_KEYS + lane])
end
if recount and recountLanes() then wake = true end
for name, number in pairs(counts) do redis.call('HINCRBY', COUNTERS, name, number) end

-- The oldest delivered tasks make room for the newest.
local function trimDelivered()
  local excess = redis.call('ZCARD', DELIVERED) - keepDelivered
  if excess <= 0 then return end
  local oldest, ids = redis.call('ZPOPMIN', DELIVERED, math.min(excess, MOST_DROPPED)), {}
  for at = 1, #oldest, 2 do ids[#ids + 1] = oldest[at] end
  redis.call('HDEL', TASKS, unpack(ids))
  redis.call('HDEL', RUNS, unpack(ids))
end

if #delivered > 0 then redis.call('ZADD', DELIVERED, unpack(delivered)) end
-- Also where none of these is kept: the limit may have been lowered to 0.
if counts.deliveredTotal then trimDelivered() end
if wake then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
return gone
