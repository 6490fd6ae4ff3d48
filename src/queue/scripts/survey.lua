-- Survey a part of a queue for what may be wrong there: suspects, each for mend to judge, and lanes, for correct. Writes nothing,
-- and so may derive the keys of lanes.
--
-- KEYS[10 ...]  where lanes are surveyed, their keys
--
-- ARGV[2]      part        tasks, active, retrying, dead, delivered or lanes
-- ARGV[3]      lanePrefix  a lane's key is this and its name
-- ARGV[4]      count       about how many members to look at, of each key
-- ARGV[5 ...]              where to go on, 0 at first: one cursor, or with lanes one for each
--
-- Returns {cursors, looked, suspects, lanes, foreign, unreadable, seen}: looked is how many members were looked at. Suspects are flat,
-- {id, lane, attempt} each: the lane that it was found in, the attempt whose lease was found, or empty. Lanes are those that may
-- never be claimed from, foreign those whose key is of another type. Unreadable are the ids of tasks whose lane cannot be told
-- and which have not ended, seen are those of them that stand in a lane.

local part, lanePrefix, count = ARGV[2], ARGV[3], ARGV[4]
local looked, suspects, lanes, foreign, unreadable, seen = 0, {}, {}, {}, {}, {}

local function suspect(id, lane, attempt)
  append(suspects, id, lane or '')
  suspects[#suspects + 1] = attempt or ''
end

local function scoresOf(key, members)
  return #members > 0 and redis.call('ZMSCORE', key, unpack(members)) or {}
end

-- A lane with waiting tasks must be among the lanes, and set aside as full only while one of its tasks runs.
local function checkHint(lane)
  local hint = redis.call('ZSCORE', LANES, lane)
  local full = hint and tonumber(hint) >= FULL
  if not hint or (full and not redis.call('HGET', LANE_ACTIVE, lane)) then lanes[#lanes + 1] = lane end
end

-- Where the tasks wait that have a lane: due times by their index.
local function duesOf(ids, laneNames)
  local byLane, dues = {}, {}
  for index, lane in pairs(laneNames) do
    byLane[lane] = byLane[lane] or {}
    append(byLane[lane], ids[index], index)
  end
  for lane, flat in pairs(byLane) do
    local members, waits = {}, false
    for at = 1, #flat, 2 do members[#members + 1] = flat[at] end
    local scores = redis.pcall('ZMSCORE', lanePrefix .. lane, unpack(members))
    if scores.err then foreign[#foreign + 1], scores = lane, {} end
    for at = 1, #members do
      -- Of a foreign key nothing is known.
      dues[flat[2 * at]] = scores[at]
      waits = waits or scores[at]
    end
    if waits then checkHint(lane) end
  end
  return dues
end

local function surveyTasks(flat)
  local ids, laneNames, members = {}, {}, {}
  for at = 1, #flat, 2 do
    local index = (at + 1) / 2
    ids[index], laneNames[index] = flat[at], laneOf(flat[at + 1])
  end
  looked = #ids
  if looked == 0 then return end
  local runs = redis.call('HMGET', RUNS, unpack(ids))
  for index, id in ipairs(ids) do members[index] = id .. '#' .. digits(attemptsOf(runs[index]) + 1) end
  local dues, leases = duesOf(ids, laneNames), scoresOf(ACTIVE, members)
  local dead, delivered, retrying = scoresOf(DEAD, ids), scoresOf(DELIVERED, ids), scoresOf(RETRYING, ids)
  for index, id in ipairs(ids) do
    local due, states = dues[index], 0
    for _, state in ipairs({due or false, leases[index], dead[index], delivered[index]}) do
      if state then states = states + 1 end
    end
    local failed = runs[index] and not string.find(runs[index], '^%d+,0,')
    local marked = due and failed and due or false
    if due == nil and laneNames[index] then
      -- Its lane's key is not a lane.
    elseif laneNames[index] and states == 1 and retrying[index] == marked then
      -- As it should be.
    elseif laneNames[index] or states > 1 then
      suspect(id)
    elseif not dead[index] and not delivered[index] then
      unreadable[#unreadable + 1] = id
    end
  end
end

local function surveySet(flat)
  for at = 1, #flat, 2 do
    looked = looked + 1
    if redis.call('HEXISTS', TASKS, flat[at]) == 0 then suspect(flat[at]) end
  end
end

local function surveyActive(flat)
  for at = 1, #flat, 2 do
    looked = looked + 1
    local id, attempt = string.match(flat[at], '^([^#]*)#(.*)$')
    local run = id and redis.call('HGET', RUNS, id)
    if not id or redis.call('HEXISTS', TASKS, id) == 0 or attempt ~= digits(attemptsOf(run) + 1) then
      suspect(id or flat[at], '', attempt or '')
    end
  end
end

local function surveyLane(key, flat)
  local name = string.sub(key, #lanePrefix + 1)
  for at = 1, #flat, 2 do
    looked = looked + 1
    local task = redis.call('HGET', TASKS, flat[at])
    local lane = task and laneOf(task)
    if task and not lane then
      seen[#seen + 1] = flat[at]
    elseif lane ~= name then
      suspect(flat[at], name)
    end
  end
end

local surveys = {tasks = surveyTasks, active = surveyActive}
local keys = {tasks = TASKS, active = ACTIVE, retrying = RETRYING, dead = DEAD, delivered = DELIVERED}
local cursors = {}
for at = 5, #ARGV do
  local key = keys[part] or KEYS[FIXED_KEYS + at - 4]
  local page = redis.pcall(part == 'tasks' and 'HSCAN' or 'ZSCAN', key, ARGV[at], 'COUNT', count)
  cursors[#cursors + 1] = page.err and '0' or page[1]
  if page.err then
    foreign[#foreign + 1] = string.sub(key, #lanePrefix + 1)
  elseif keys[part] then
    local survey = surveys[part] or surveySet
    survey(page[2])
  else
    surveyLane(key, page[2])
  end
end
return {cursors, looked, suspects, lanes, foreign, unreadable, seen}
