-- Claim due tasks: begin an attempt on each and hold it under a lease. Lanes with the oldest head come first, and each gives
-- at most what it may still run.
--
-- ARGV[2]  leaseMs          how long a claim holds
-- ARGV[3]  limit            most tasks to claim
-- ARGV[4]  laneConcurrency  most active tasks of one lane over all processes; 0: see room
-- ARGV[5]  lanePrefix       a lane's key is this and its name
-- ARGV[6]  lostLimit        most tasks whose lease ran out to name, for reclaim
-- ARGV[7]  free             how many places of the asking process its lanes share out among themselves (see room)
-- ARGV[8 ...]               lane and how many of its calls run there, for those that have any
--
-- Returns {now, nextDueMs, claims, lost, passedOver}: nextDueMs is how long until a lane has something to do, 0 where it has now, -1 for
-- never; claims is flat, {id, task, run, due, lane} per task, and lost likewise, {id#attempt, task, run}; run may be nil.
-- passedOver is 1 where a lane has more that is due, but no more room in the asking process.

local leaseMs, limit, laneConcurrency = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local lanePrefix, lostLimit, free = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])

-- Lanes that can take no more are passed over, so many at a time and at the most.
local LANES_PER_PAGE, LANES_LOOKED_AT = 200, 1000

-- How long to wait where more lanes than that were in the way of the next one.
local CROWDED_MS = 50

local own = {}
for at = 8, #ARGV, 2 do own[ARGV[at]] = tonumber(ARGV[at + 1]) end

-- What is to be done, found by reading only: nothing is written before all is read.
local takes, ids, dues, hints, looked, dropped, passedOver = {}, {}, {}, {}, 0, false, 0

-- How many more of a lane's tasks may run. With no limit set, a lane may hold no more places of a process than it leaves free
-- there (the dynamic threshold of Choudhury and Hahne, 1998): a hung target takes half of them, the next half of the rest. A
-- lane with nothing running there gets one all the same, as long as there is one.
local function room(lane, active, left)
  if laneConcurrency > 0 then return math.min(left, laneConcurrency - (tonumber(active) or 0)) end
  local running = own[lane] or 0
  return math.min(left, math.max(running == 0 and 1 or 0, math.ceil((free - #ids - running) / 2)))
end

-- The first tasks of a lane that are due, as many as there is room for, and the lane's next hint.
local function takeFrom(lane, places)
  local heads = redis.call('ZRANGE', lanePrefix .. lane, 0, places, 'WITHSCORES')
  local taken = 0
  while taken < places and heads[2 * taken + 2] and tonumber(heads[2 * taken + 2]) <= now do
    taken = taken + 1
    ids[#ids + 1], dues[#dues + 1] = heads[2 * taken - 1], heads[2 * taken]
  end
  local next = heads[2 * taken + 2] or false
  if taken > 0 then takes[#takes + 1] = {lane = lane, first = #ids - taken + 1, count = taken, next = next} end
  return next, taken
end

-- A lane at the limit over all processes sleeps until one of its tasks settles; one that only this process must pass over is
-- left as it is for the others.
local function look(lane, active)
  local left = limit - #ids
  local places = room(lane, active, left)
  if places <= 0 then
    if laneConcurrency > 0 then hints[lane] = FULL else passedOver = 1 end
    return
  end
  local next, taken = takeFrom(lane, places)
  local stopped = next and taken == places and places < left
  if stopped and laneConcurrency == 0 and tonumber(next) <= now then passedOver = 1 end
  hints[lane] = stopped and laneConcurrency > 0 and FULL or next
end

local function lookAtLanes()
  repeat
    local page = redis.call('ZRANGEBYSCORE', LANES, '-inf', now, 'LIMIT', looked, LANES_PER_PAGE)
    local active = laneConcurrency > 0 and #page > 0 and redis.call('HMGET', LANE_ACTIVE, unpack(page)) or {}
    for index, lane in ipairs(page) do
      if #ids >= limit then return end
      look(lane, active[index])
    end
    looked = looked + #page
  until #page < LANES_PER_PAGE or looked >= LANES_LOOKED_AT
end

local function readAll(key, ids)
  if #ids == 0 then return {} end
  return redis.call('HMGET', key, unpack(ids))
end

-- Removals come first: a full Redis takes additions only from a script that has begun to remove.
local function begin(take, tasks, runs)
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
  if #leases / 2 < take.count then dropped, hints[take.lane] = true, take.next end
end

local function setHints(hints)
  for lane, hint in pairs(hints) do
    redis.call('ZREM', LANES, lane)
    if hint then redis.call('ZADD', LANES, hint, lane) end
  end
end

-- With places left over, what is due now is not for this process, and the next lane to come due is what matters.
local function nextDueMs()
  local from = #ids < limit and not dropped and '(' .. digits(now) or '-inf'
  local head = redis.call('ZRANGEBYSCORE', LANES, from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  local wait = head[1] and tonumber(head[2]) < FULL and math.max(0, tonumber(head[2]) - now) or -1
  if looked < LANES_LOOKED_AT or wait == 0 then return wait end
  return wait < 0 and CROWDED_MS or math.min(wait, CROWDED_MS)
end

local function lostLeases()
  local lost, recount = {}, false
  if lostLimit == 0 then return lost end
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', ACTIVE, '-inf', now, 'LIMIT', 0, lostLimit)) do
    local id = string.match(member, '^[^#]*')
    local task = redis.call('HGET', TASKS, id)
    if task then
      local last = #lost
      lost[last + 1], lost[last + 2], lost[last + 3] = member, task, redis.call('HGET', RUNS, id)
    else
      -- A lease on nothing: its task is gone, and with it the name of the lane it was counted in.
      redis.call('ZREM', ACTIVE, member)
      recount = true
    end
  end
  if recount and recountLanes() then dropped = true end
  return lost
end

if limit > 0 then lookAtLanes() end
local tasks, runs = readAll(TASKS, ids), readAll(RUNS, ids)

for _, take in ipairs(takes) do begin(take, tasks, runs) end
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
local lost = lostLeases()
return {now, nextDueMs(), claims, lost, passedOver}
