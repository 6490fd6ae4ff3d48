-- Claim due tasks: begin an attempt on each and hold it under a lease. Lanes with the oldest head come first, and each gives
-- at most what it may still run.
--
-- ARGV[2]  leaseMs          how long a claim holds
-- ARGV[3]  limit            most tasks to claim
-- ARGV[4]  laneConcurrency  most active tasks of one lane; 0: as many as there are free places beside it (see room)
-- ARGV[5]  lanePrefix       a lane's key is this and its name
-- ARGV[6]  lostLimit        most tasks whose lease ran out to name, for reclaim
--
-- Returns {now, nextDueMs, claims, lost}: nextDueMs is how long until a lane has something to do, 0 where it has now, -1 for
-- never; claims is flat, {id, task, run, due, lane} per task, and lost likewise, {id#attempt, task, run}; run may be nil.

local leaseMs, limit, laneConcurrency = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local lanePrefix, lostLimit = ARGV[5], tonumber(ARGV[6])

-- Lanes that turn out to be full cost a look each; the rest waits for the next call.
local LANES_LOOKED_AT = 200

-- How many more of a lane's tasks may run. With no limit set, a lane may hold no more places than it leaves free (the dynamic
-- threshold of Choudhury and Hahne, 1998): one hung target takes half of them, n take n/(n+1), and some are always left.
local function room(running, free)
  if laneConcurrency > 0 then return math.min(free, laneConcurrency - running) end
  return math.min(free, math.ceil((free - running) / 2))
end

-- Reads only: what to take from which lane, and what each lane's hint becomes. Nothing is written before all is read.
local function plan(due, running)
  local takes, ids, dues, hints = {}, {}, {}, {}
  for index, lane in ipairs(due) do
    local free = limit - #ids
    if free <= 0 then break end
    local places = room(tonumber(running[index]) or 0, free)
    if places <= 0 then
      hints[lane] = FULL
    else
      local heads = redis.call('ZRANGE', lanePrefix .. lane, 0, places, 'WITHSCORES')
      local taken = 0
      while taken < places and heads[2 * taken + 2] and tonumber(heads[2 * taken + 2]) <= now do
        taken = taken + 1
        ids[#ids + 1], dues[#dues + 1] = heads[2 * taken - 1], heads[2 * taken]
      end
      local next = heads[2 * taken + 2]
      if taken > 0 then takes[#takes + 1] = {lane = lane, first = #ids - taken + 1, count = taken, next = next} end
      -- A lane stopped by its own limit wakes when one of its tasks settles; one stopped by the caller's is due as before.
      hints[lane] = next and ((taken == places and places < free) and FULL or next) or false
    end
  end
  return takes, ids, dues, hints
end

local function readAll(key, ids)
  if #ids == 0 then return {} end
  return redis.call('HMGET', key, unpack(ids))
end

-- Removals come first: a full Redis takes additions only from a script that has begun to remove.
local function begin(take, hints, ids, tasks, runs)
  redis.call('ZREMRANGEBYRANK', lanePrefix .. take.lane, 0, take.count - 1)
  local leases, failed = {}, {}
  for at = take.first, take.first + take.count - 1 do
    if runs[at] then failed[#failed + 1] = ids[at] end
    -- An id without a task is left over from a purge of other hands: dropped here.
    if tasks[at] then
      leases[#leases + 1] = digits(now + leaseMs)
      leases[#leases + 1] = ids[at] .. '#' .. digits(attemptsOf(runs[at]) + 1)
    end
  end
  if #failed > 0 then redis.call('ZREM', RETRYING, unpack(failed)) end
  if #leases > 0 then
    redis.call('ZADD', ACTIVE, unpack(leases))
    redis.call('HINCRBY', LANE_ACTIVE, take.lane, #leases / 2)
  end
  -- The place of a dropped id is still free.
  if #leases / 2 < take.count then hints[take.lane] = take.next or false end
end

local function setHints(hints)
  for lane, hint in pairs(hints) do
    redis.call('ZREM', LANES, lane)
    if hint then redis.call('ZADD', LANES, hint, lane) end
  end
end

local function nextDueMs()
  local head = redis.call('ZRANGE', LANES, 0, 0, 'WITHSCORES')
  if not head[1] or tonumber(head[2]) >= FULL then return -1 end
  return math.max(0, tonumber(head[2]) - now)
end

local function lostLeases()
  local lost = {}
  if lostLimit == 0 then return lost end
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', ACTIVE, '-inf', now, 'LIMIT', 0, lostLimit)) do
    local id = string.match(member, '^[^#]*')
    local task = redis.call('HGET', TASKS, id)
    if task then
      local last = #lost
      lost[last + 1], lost[last + 2], lost[last + 3] = member, task, redis.call('HGET', RUNS, id)
    else
      -- A lease on nothing: its task is gone.
      redis.call('ZREM', ACTIVE, member)
    end
  end
  return lost
end

local due = limit > 0 and redis.call('ZRANGEBYSCORE', LANES, '-inf', now, 'LIMIT', 0, LANES_LOOKED_AT) or {}
local takes, ids, dues, hints = plan(due, readAll(LANE_ACTIVE, due))
local tasks, runs = readAll(TASKS, ids), readAll(RUNS, ids)

for _, take in ipairs(takes) do begin(take, hints, ids, tasks, runs) end
setHints(hints)

local claims = {}
for _, take in ipairs(takes) do
  for at = take.first, take.first + take.count - 1 do
    if tasks[at] then
      local last = #claims
      claims[last + 1], claims[last + 2], claims[last + 3] = ids[at], tasks[at], runs[at]
      claims[last + 4], claims[last + 5] = dues[at], take.lane
    end
  end
end
return {now, nextDueMs(), claims, lostLeases()}
