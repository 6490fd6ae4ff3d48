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
-- Returns {now, nextDueMs, passedOver, isEmpty, ids, dues, tasks, runs, lanes, counts, lost}: nextDueMs is how long until a lane has something to do,
-- 0 where it has now, -1 for never; passedOver is 1 where a lane has more that is due, but no more room in the asking process;
-- isEmpty is 1 where nothing waits and nothing runs, anywhere.
-- ids, dues, tasks and runs are those of the claimed tasks, in one order: a run may be nil, and an id without a task is dropped.
-- lanes and counts say how many of them, in that order, are of which lane. lost is flat, {id#attempt, task, run} each.

local leaseMs, limit, laneConcurrency = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local lanePrefix, lostLimit, free = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])

-- Lanes that can take no more are passed over: so many are looked at in turn and at the most.
local LANES_PER_PAGE, LANES_LOOKED_AT = math.min(200, limit + 20), 1000

-- How long to wait where more lanes than that were in the way of the next one.
local CROWDED_MS = 50

-- What is to be done, found by reading only: nothing is written before all is read. Lane n of the takes gives counts[n] ids,
-- and nexts[n] is the due time of the one after them.
local ids, dues, found = {}, {}, 0
local lanes, counts, nexts, hints = {}, {}, {}, {}
local looked, dropped, cut, passedOver = 0, false, false, 0

local own = {}
for at = 8, #ARGV, 2 do own[ARGV[at]] = tonumber(ARGV[at + 1]) end

-- How many more of a lane's tasks may run. With no limit set, a lane may hold no more places of a process than it leaves free
-- there (the dynamic threshold of Choudhury and Hahne, 1998): a hung target takes half of them, the next half of the rest. A
-- lane with nothing running there gets one all the same, as long as there is one.
local function room(lane, active, left)
  if laneConcurrency > 0 then return math.min(left, laneConcurrency - (tonumber(active) or 0)) end
  local running = own[lane] or 0
  return math.min(left, math.max(running == 0 and 1 or 0, math.ceil((free - found - running) / 2)))
end

-- Finds the first tasks of a lane that are due, as many as there are places; returns the due time of the one after them.
local function takeFrom(lane, places)
  local heads = redis.call('ZRANGE', lanePrefix .. lane, 0, places, 'WITHSCORES')
  local count, at = 0, 1
  while count < places and heads[at] and tonumber(heads[at + 1]) <= now do
    count = count + 1
    ids[found + count], dues[found + count] = heads[at], heads[at + 1]
    at = at + 2
  end
  local next = heads[at + 1] or false
  if count > 0 then
    local last = #lanes + 1
    lanes[last], counts[last], nexts[last] = lane, count, next
  end
  found = found + count
  return next, count
end

-- A lane at the limit over all processes sleeps until one of its tasks settles; one that only this process must pass over is
-- left as it is for the others.
local function look(lane, active, share)
  local places = room(lane, active, share)
  if places <= 0 then
    if laneConcurrency > 0 then hints[lane] = FULL else passedOver = 1 end
    return
  end
  local next, taken = takeFrom(lane, places)
  local more = next and taken == places
  local stopped = more and places < share
  if more and not stopped and tonumber(next) <= now then cut = true end
  if stopped and laneConcurrency == 0 and tonumber(next) <= now then passedOver = 1 end
  hints[lane] = stopped and laneConcurrency > 0 and FULL or next
end

local function lookAtLanes()
  repeat
    local page = redis.call('ZRANGEBYSCORE', LANES, '-inf', now, 'LIMIT', looked, LANES_PER_PAGE)
    local active = laneConcurrency > 0 and #page > 0 and redis.call('HMGET', LANE_ACTIVE, unpack(page)) or {}
    for index, lane in ipairs(page) do
      if found >= limit then return end
      -- Each its part, so that many lanes take turns, and the connections to their targets serve again and again.
      look(lane, active[index], math.ceil((limit - found) / (#page - index + 1)))
    end
    looked = looked + #page
  until #page < LANES_PER_PAGE or looked >= LANES_LOOKED_AT
end

-- Takes the ids found out of their lanes and holds those of a task. Removals come first: a full Redis takes additions only from
-- a script that has begun to remove.
local function begin(tasks, runs)
  for index, lane in ipairs(lanes) do redis.call('ZREMRANGEBYRANK', lanePrefix .. lane, 0, counts[index] - 1) end
  local leases, failed, held, leaseEnd, at = {}, {}, {}, digits(now + leaseMs), 0
  for index, count in ipairs(counts) do
    held[index] = count
    for _ = 1, count do
      at = at + 1
      local id, run = ids[at], runs[at]
      if run then failed[#failed + 1] = id end
      if tasks[at] then
        append(leases, leaseEnd, id .. '#' .. (run and digits(attemptsOf(run) + 1) or '1'))
      else
        -- An id without a task is left over from a purge of other hands. Its place is still free.
        held[index], dropped = held[index] - 1, true
      end
    end
    if held[index] < count then hints[lanes[index]] = nexts[index] end
  end
  if #failed > 0 then redis.call('ZREM', RETRYING, unpack(failed)) end
  if #leases > 0 then redis.call('ZADD', ACTIVE, unpack(leases)) end
  countLanes(lanes, held)
end

local function setHints()
  local names, waiting = {}, {}
  for lane, hint in pairs(hints) do
    names[#names + 1] = lane
    if hint then append(waiting, hint, lane) end
  end
  if #names > 0 then redis.call('ZREM', LANES, unpack(names)) end
  if #waiting > 0 then redis.call('ZADD', LANES, unpack(waiting)) end
end

-- With places left over and no lane cut short of what it could take, what is due now is not for this process: the next lane to come
-- due is what matters.
local function nextDueMs()
  local from = found < limit and not dropped and not cut and '(' .. digits(now) or '-inf'
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
local tasks, runs = {}, {}
if found > 0 then
  tasks, runs = redis.call('HMGET', TASKS, unpack(ids)), redis.call('HMGET', RUNS, unpack(ids))
  begin(tasks, runs)
end
setHints()
local lost = lostLeases()
local isEmpty = found == 0 and redis.call('ZCARD', LANES) + redis.call('ZCARD', ACTIVE) == 0 and 1 or 0
return {now, nextDueMs(), passedOver, isEmpty, ids, dues, tasks, runs, lanes, counts, lost}
