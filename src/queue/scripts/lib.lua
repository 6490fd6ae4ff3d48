-- What every script starts with: its keys by name, the time, and the few steps that several verbs share.
--
-- KEYS[1]  tasks        hash  id -> the task as added
-- KEYS[2]  runs         hash  id -> "attempts,errors,lostLeases\n<history>", once an attempt has ended; of a task purged while
--                             active, the number of that attempt
-- KEYS[3]  lanes        zset  lane -> when it next has something to do (a hint: only claim trusts it, after checking)
-- KEYS[4]  active       zset  id#attempt -> lease end: claim, lease and fence are one fact
-- KEYS[5]  lane-active  hash  lane -> how many of its tasks are active
-- KEYS[6]  retrying     zset  waiting tasks that have failed, by due time
-- KEYS[7]  dead         zset  by when they died
-- KEYS[8]  delivered    zset  by when they were delivered
-- KEYS[9]  counters     hash  addedTotal, deliveredTotal, deadTotal, errorsTotal, lostLeasesTotal
--
-- ARGV[1]  now          ms since the epoch; empty but in tests: the time of Redis

local TASKS, RUNS, LANES, ACTIVE, LANE_ACTIVE = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local RETRYING, DEAD, DELIVERED, COUNTERS = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local FIXED_KEYS = 9

-- The hint of a lane that is full: later than any due time, until one of its tasks settles.
local FULL = 9e15

-- A dedup entry outlives its task by this much.
local DEDUP_KEPT_MS = 24 * 3600 * 1000

-- Microseconds are kept, so that a delay can be rounded up and nothing is ever early.
local function exactNow()
  if ARGV[1] ~= '' then return tonumber(ARGV[1]) end
  local time = redis.call('TIME')
  return time[1] * 1000 + time[2] / 1000
end

local exact = exactNow()
local now = math.floor(exact)

-- Lua would write 1.7e+12; Redis and JSON want digits.
local function digits(number) return string.format('%.0f', number) end

-- Milliseconds in base 36, as src/task/codec.ts reads them.
local function base36(ms)
  local text, rest = '', ms
  repeat
    local digit = rest % 36
    text = string.char(digit + (digit < 10 and 48 or 87)) .. text
    rest = (rest - digit) / 36
  until rest == 0
  return text
end

local function append(list, first, second)
  local last = #list
  list[last + 1], list[last + 2] = first, second
end

local function attemptsOf(run) return run and tonumber(string.match(run, '^%d+')) or 0 end

-- Fails the script where a key that it will write is of a foreign type: here nothing is done yet, later it would be half done.
-- Besides the sets and hashes named, these are the keys of its lanes and its dedup keys.
local function expectTypes(lanes, sets, hashes)
  for _, key in ipairs(sets) do redis.call('ZCARD', key) end
  for _, key in ipairs(hashes) do redis.call('HLEN', key) end
  for at = FIXED_KEYS + 1, #KEYS do redis.call(at <= FIXED_KEYS + lanes and 'ZCARD' or 'STRLEN', KEYS[at]) end
end

-- Where a task is, and its score there: its due time, its lease end, or when it ended. Nil: nowhere.
local function stateOf(id, laneKey)
  local due = redis.call('ZSCORE', laneKey, id)
  if due then
    if redis.call('ZSCORE', RETRYING, id) then return 'retrying', due end
    return tonumber(due) <= now and 'ready' or 'scheduled', due
  end
  local ended = redis.call('ZSCORE', DELIVERED, id)
  if ended then return 'delivered', ended end
  ended = redis.call('ZSCORE', DEAD, id)
  if ended then return 'dead', ended end
  local member = id .. '#' .. digits(attemptsOf(redis.call('HGET', RUNS, id)) + 1)
  local leaseEnd = redis.call('ZSCORE', ACTIVE, member)
  if leaseEnd then return 'active', leaseEnd, member end
end

-- Points the lane's hint at its head again, after tasks came or went. Returns when that is due.
local function rehint(lane, laneKey)
  local head = redis.call('ZRANGE', laneKey, 0, 0, 'WITHSCORES')
  if head[1] then redis.call('ZADD', LANES, head[2], lane) else redis.call('ZREM', LANES, lane) end
  return head[2]
end

-- The lane of a stored task, of this version or a later one, as src/task/codec.ts has it; nil where the task cannot be read.
local function laneOf(task)
  local url, extras = string.match(task, '^[0-9a-z]+%u[^\n]*\n(https?://[^\n]*)\n([^\n]*)\n')
  if not url then return nil end
  local readable, named = true, {}
  if extras ~= '' then readable, named = pcall(cjson.decode, extras) end
  if not readable or type(named) ~= 'table' then return nil end
  return named.f or string.match(url, '^https?://[^/]*')
end

-- Where a task is that may have been mended, and moved to another lane than the one it would be in.
local function stateOfMoved(id, lane, laneKey)
  local task = redis.call('HGET', TASKS, id)
  local other = task and laneOf(task)
  if other and other ~= lane then laneKey = string.sub(laneKey, 1, #laneKey - #lane) .. other end
  return stateOf(id, laneKey)
end

-- What a task is, without when it was added and the dedup keys it came with: a resend by the id may have others.
local function contentOf(task)
  local kind, rest = string.match(task, '^[0-9a-z]*(%u)[^\n]*(\n.*)$')
  return kind and kind .. rest
end

-- Counts the running tasks of all lanes anew, for when one has ended whose lane cannot be told. There are never more than the
-- processes have places. A lane that has places again is to be looked at; true where there is one.
local function recountLanes()
  local counts, freed = {}, false
  for _, member in ipairs(redis.call('ZRANGE', ACTIVE, 0, -1)) do
    local task = redis.call('HGET', TASKS, string.match(member, '^[^#]*'))
    local lane = task and laneOf(task)
    if lane then counts[lane] = (counts[lane] or 0) + 1 end
  end
  local before = redis.call('HGETALL', LANE_ACTIVE)
  for at = 1, #before, 2 do
    local lane, count = before[at], counts[before[at]] or 0
    if count < tonumber(before[at + 1]) then
      redis.call('HDEL', LANE_ACTIVE, lane)
      if count > 0 then redis.call('HSET', LANE_ACTIVE, lane, count) end
      if redis.call('ZADD', LANES, 'XX', 'LT', 'CH', now, lane) == 1 then freed = true end
    end
  end
  return freed
end

-- Changes how many tasks of each of the lanes run.
local function countLanes(lanes, changes)
  local before, kept, gone = redis.call('HMGET', LANE_ACTIVE, unpack(lanes)), {}, {}
  for index, lane in ipairs(lanes) do
    local count = (tonumber(before[index]) or 0) + changes[index]
    if count > 0 then append(kept, lane, count) else gone[#gone + 1] = lane end
  end
  if #gone > 0 then redis.call('HDEL', LANE_ACTIVE, unpack(gone)) end
  if #kept > 0 then redis.call('HSET', LANE_ACTIVE, unpack(kept)) end
end

-- Errors, lost leases and its age begin again; the attempts made, and their history, stay.
local function renewRun(id)
  local run = redis.call('HGET', RUNS, id)
  if not run then return end
  redis.call('HSET', RUNS, id, (string.gsub(run, '^(%d+),%d+,%d+[,%d]*', '%1,0,0', 1)))
end

-- A dedup entry is "<id>\t<fingerprint>", with "\t<state>" once its task has ended. The fingerprint is empty for what a unique task
-- sends: it expires by itself. It is r for a key to be replaced by: nothing is left to replace.
local function endDedup(key, id, state)
  local entry = redis.call('GET', key)
  local owner, fingerprint = string.match(entry or '', '^([^\t]*)\t([^\t]*)')
  if owner ~= id then return end
  if fingerprint == 'r' then
    redis.call('DEL', key)
  elseif fingerprint == '' then
    redis.call('SET', key, id .. '\t\t' .. state, 'XX', 'KEEPTTL')
  else
    redis.call('SET', key, id .. '\t' .. fingerprint .. '\t' .. state, 'PX', DEDUP_KEPT_MS)
  end
end
