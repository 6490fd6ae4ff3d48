-- Correct lanes: judge their hints and how many of their tasks are said to run, and put them right where that is asked for.
--
-- KEYS[10 ...]  the keys of the lanes whose hints are to be judged
--
-- ARGV[2]      repair   1: put right; 0: only judge
-- ARGV[3]      channel  where dispatchers are told that there is something to do
-- ARGV[4]      queue    this queue's name, the message on that channel
-- ARGV[5]      most     most running tasks to count in one step; of more, nothing is said
-- ARGV[6 ...]           the lanes' names, in the order of their keys
--
-- Returns {hints, counts, running}: hints are the lanes, flat, that would not be claimed from, counts those whose number is wrong, and
-- running how many tasks run.

local repair, most = ARGV[2] == '1', tonumber(ARGV[5])

-- How many tasks of each lane run; nil where that cannot be told.
local function countRunning()
  local counts = {}
  for _, member in ipairs(redis.call('ZRANGE', ACTIVE, 0, -1)) do
    local task = redis.call('HGET', TASKS, string.match(member, '^[^#]*'))
    local lane = task and laneOf(task)
    if not lane then return nil end
    counts[lane] = (counts[lane] or 0) + 1
  end
  return counts
end

local function wrongCounts()
  local counts, wrong = countRunning(), {}
  if not counts then return wrong end
  local said = redis.call('HGETALL', LANE_ACTIVE)
  for at = 1, #said, 2 do
    local lane = said[at]
    if tonumber(said[at + 1]) ~= counts[lane] then
      wrong[#wrong + 1] = lane
      if repair then
        if counts[lane] then redis.call('HSET', LANE_ACTIVE, lane, counts[lane]) else redis.call('HDEL', LANE_ACTIVE, lane) end
        redis.call('ZADD', LANES, 'XX', 'LT', now, lane)
      end
    end
    counts[lane] = nil
  end
  for lane, count in pairs(counts) do
    wrong[#wrong + 1] = lane
    if repair then redis.call('HSET', LANE_ACTIVE, lane, count) end
  end
  return wrong
end

local running = redis.call('ZCARD', ACTIVE)
local counts = running <= most and wrongCounts() or {}

local hints = {}
for at = 6, #ARGV do
  local lane, key = ARGV[at], KEYS[FIXED_KEYS + at - 5]
  local hint = redis.call('ZSCORE', LANES, lane)
  local waits = redis.call('ZCARD', key) > 0
  local forNobody = hint and tonumber(hint) >= FULL and redis.call('HEXISTS', LANE_ACTIVE, lane) == 0
  if waits and (not hint or forNobody) then
    hints[#hints + 1] = lane
    if repair then rehint(lane, key) end
  end
end
if repair and #hints + #counts > 0 then redis.call('PUBLISH', ARGV[3], ARGV[4]) end
return {hints, counts, running}
