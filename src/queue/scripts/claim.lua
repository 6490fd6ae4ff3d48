-- Claim due tasks: begin an attempt on each and hold it under a lease. Lanes with the oldest head come first, and each gives
-- at most what it may still run. No limit of the queue or of a lane is passed, whoever claims.
--
-- ARGV[2]  leaseMs          how long a claim holds
-- ARGV[3]  limit            most tasks to claim
-- ARGV[4]  laneConcurrency  most active tasks of one lane over all processes, unless the queue's settings say; 0: see room
-- ARGV[5]  lanePrefix       a lane's key is this and its name
-- ARGV[6]  lostLimit        most tasks whose lease ran out to name, for reclaim
-- ARGV[7]  free             how many places of the asking process its lanes share out among themselves (see room)
-- ARGV[8]  ahead            how many of the tasks would have to wait for their places there: none, where a rate is set
-- ARGV[9]  strangers        how many of its places lanes may take whose targets are not known to answer
-- ARGV[10]  suspects        the same, but for the first call of each that has not failed or been passed over
-- ARGV[11 ...]              lane and how many of its calls run there, for those that have any
--
-- Returns {now, nextDueMs, passedOver, isEmpty, ids, dues, tasks, runs, lanes, counts, lost, settings, isPaused, heldMs}: nextDueMs is
-- how long until a lane has something to do, 0 where it has now, -1 for never; passedOver is 1 where a lane has more that is due, but
-- no more room in the asking process; isEmpty is 1 where nothing waits and nothing runs, anywhere.
-- ids, dues, tasks and runs are those of the claimed tasks, in one order: a run may be nil, and an id without a task is dropped.
-- lanes and counts say how many of them, in that order, are of which lane. lost is flat, {id#attempt, task, run} each; settings is
-- flat, as Redis has them. heldMs is how long a limit of the queue holds back what is due.

local leaseMs, limit, laneConcurrency = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local lanePrefix, lostLimit, free = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])
local strangers, suspects = tonumber(ARGV[9]), tonumber(ARGV[10])

-- Lanes that can take no more are passed over: so many are looked at in turn and at the most.
local LANES_PER_PAGE, LANES_LOOKED_AT = math.min(200, limit + 20), 1000

-- How long to wait where more lanes than that were in the way of the next one; and with a lane whose key is of a foreign type.
local CROWDED_MS, FOREIGN_MS = 50, 1000

-- What is to be done, found by reading only: nothing is written before all is read. Lane n of the takes gives counts[n] ids, and
-- nexts[n] is the due time of the one after them. probes[n] is the trouble of its lane, where it is the one call that is made to
-- find out whether the target answers again; spent is for the buckets.
local ids, dues, found = {}, {}, 0
local lanes, counts, nexts, hints, probes, spent = {}, {}, {}, {}, {}, {}
local looked, dropped, cut, passedOver, heldMs = 0, false, false, 0, 0

local settings, flatSettings = readSettings()
local pause = pausedMs(settings)
local isTroubled = settings.coolDownAfter ~= '0' and redis.call('HLEN', LANE_COOL) > 0
laneConcurrency = tonumber(settings.laneConcurrency) or laneConcurrency
local laneRate, gate = tonumber(settings.laneRate), openGate(settings, limit, tonumber(ARGV[8]))
limit = pause and 0 or gate.limit

local own = {}
for at = 11, #ARGV, 2 do own[ARGV[at]] = tonumber(ARGV[at + 1]) end

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
  local heads = redis.pcall('ZRANGE', lanePrefix .. lane, 0, places, 'WITHSCORES')
  if heads.err then return digits(now + FOREIGN_MS), 0 end
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

-- How many of a lane's tasks may be taken, and what it is that allows no more: its turn, the lane's own limit, that its target is
-- not known to answer, or its rate. One call finds out whether the target of a lane in trouble answers again.
local function allowed(page, index, share, trouble)
  local places, by = room(page.names[index], page.active[index], trouble and trouble.times > 0 and 1 or share), 'turn'
  if places < share then by = 'lane' end
  if page.known and not page.known[index] then
    -- The first call of one that has not failed comes before the others.
    local isNew = not page.isAside and not trouble and not own[page.names[index]]
    local most = math.max(suspects, isNew and math.min(1, strangers) or 0)
    if most < places then places, by = most, 'stranger' end
  end
  if laneRate then
    local most = tokensIn(page.fullAt[index], laneRate, burstOf(laneRate))
    if most < places then places, by = most, 'rate' end
  end
  return places, by
end

-- Says when to look again at a lane that may have more to do, from `next` on. One at its limit over all processes sleeps until one
-- of its tasks settles; one that only this process must pass over is left as it is for the others, but out of their way where its
-- target may be dead.
local function leave(lane, by, next, taken, fullAt)
  local isDue = not next or tonumber(next) <= now
  if by == 'lane' and laneConcurrency > 0 then
    hints[lane] = FULL
  elseif by == 'rate' then
    local burst = burstOf(laneRate)
    local waitMs = waitFor(1, without(taken, fullAt, laneRate, burst), laneRate, burst)
    hints[lane] = math.max(now + waitMs, tonumber(next or 0))
    if isDue then heldMs = math.max(heldMs, waitMs) end
  else
    if next then hints[lane] = next elseif by == 'stranger' then hints[lane] = digits(ASIDE + now) end
    if isDue and by == 'turn' then cut = true elseif isDue then passedOver = 1 end
  end
end

local function look(page, index, share)
  local lane, trouble = page.names[index], page.troubles[index] and readTrouble(page.troubles[index])
  -- Not false, which says that nothing waits there.
  hints[lane] = trouble and restOf(trouble) or nil
  if hints[lane] then return end
  local places, by = allowed(page, index, share, trouble)
  if places <= 0 then return leave(lane, by, nil, 0, page.fullAt[index]) end
  local next, taken = takeFrom(lane, places)
  if next and taken == places then leave(lane, by, next, taken, page.fullAt[index]) else hints[lane] = next end
  if taken == 0 then return end
  if page.known and not page.known[index] then strangers, suspects = strangers - taken, suspects - taken end
  if laneRate then append(spent, digits(without(taken, page.fullAt[index], laneRate, burstOf(laneRate))), lane) end
  if trouble and trouble.times > 0 then probes[#lanes] = trouble end
end

-- Whose targets answer is only asked where those that do not could take more than is theirs.
local asksWhoAnswers = limit > suspects

local function lookAt(names, isAside)
  if #names == 0 then return end
  local page = {names = names, isAside = isAside, known = isAside and {}}
  page.active = laneConcurrency > 0 and redis.call('HMGET', LANE_ACTIVE, unpack(names)) or {}
  page.troubles = isTroubled and redis.call('HMGET', LANE_COOL, unpack(names)) or {}
  page.fullAt = laneRate and redis.call('ZMSCORE', RATES, unpack(names)) or {}
  if asksWhoAnswers and not isAside then page.known = redis.call('ZMSCORE', PROVEN, unpack(names)) end
  if isAside and suspects <= 0 then passedOver = 1 end
  for index in ipairs(names) do
    if found >= limit or (isAside and suspects <= 0) then return end
    -- Each its part, so that many lanes take turns, and the connections to their targets serve again and again.
    look(page, index, math.ceil((limit - found) / (#names - index + 1)))
  end
end

local function lookAtLanes()
  repeat
    local names = redis.call('ZRANGEBYSCORE', LANES, '-inf', now, 'LIMIT', looked, LANES_PER_PAGE)
    lookAt(names, false)
    looked = looked + #names
  until found >= limit or #names < LANES_PER_PAGE or looked >= LANES_LOOKED_AT
  if found >= limit then return end
  lookAt(redis.call('ZRANGEBYSCORE', LANES, digits(ASIDE), '(' .. digits(FULL), 'LIMIT', 0, LANES_PER_PAGE), true)
end

-- A lane in trouble rests until the one call has come to something.
local function probe(lane, trouble, member)
  trouble.probe = member
  redis.call('HSET', LANE_COOL, lane, troubleEntry(trouble))
  hints[lane] = FULL
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
        if probes[index] then probe(lanes[index], probes[index], leases[#leases]) end
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
local function nextLaneMs()
  local from = found < limit and not dropped and not cut and '(' .. digits(now) or '-inf'
  local head = redis.call('ZRANGEBYSCORE', LANES, from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  local wait = head[1] and tonumber(head[2]) < ASIDE and math.max(0, tonumber(head[2]) - now) or -1
  if found >= limit and wait ~= 0 and redis.call('ZCOUNT', LANES, digits(ASIDE), '(' .. digits(FULL)) > 0 then return 0 end
  if looked < LANES_LOOKED_AT or wait == 0 then return wait end
  return wait < 0 and CROWDED_MS or math.min(wait, CROWDED_MS)
end

-- The queue may hold back what its lanes have to do.
local function nextDueMs()
  local wait, held = nextLaneMs(), pause or heldBy(gate, found)
  if wait == 0 and not pause then heldMs = math.max(heldMs, held == -1 and 1 or held or 0) end
  if not held or wait == -1 then return wait end
  return held == -1 and -1 or math.max(wait, held)
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
  spend(gate, found, spent, laneRate)
end
setHints()
local lost = lostLeases()
local isEmpty = found == 0 and redis.call('ZCARD', LANES) + redis.call('ZCARD', ACTIVE) == 0 and 1 or 0
local nextMs = nextDueMs()
return {now, nextMs, passedOver, isEmpty, ids, dues, tasks, runs, lanes, counts, lost, flatSettings, pause and 1 or 0, heldMs}
