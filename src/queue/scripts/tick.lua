-- Tick: add the task of a schedule's tick, and have the schedule wait for its next one. It does nothing where the schedule has
-- changed, or waits for another tick already: of several that try, one does it.
--
-- KEYS[10]  lane key of the task
-- KEYS[11]  schedules       hash  name -> the schedule
-- KEYS[12]  ticks           zset  name -> the tick it waits for
-- KEYS[13]  schedule-runs   hash  name -> "<last tick> <its task's id> <tasks added> <ticks skipped>"
--
-- ARGV[2]   name
-- ARGV[3]   schedule  as it was seen
-- ARGV[4]   due       the tick it waits for
-- ARGV[5]   next      the one it waits for then, ms since the epoch; empty for none
-- ARGV[6]   tick      the tick whose task is added; empty: none is
-- ARGV[7]   skip      1: no task is added while the one before has not ended
-- ARGV[8]   id        of the task
-- ARGV[9]   lane      its name
-- ARGV[10]  task      what is stored, but for the time in front
-- ARGV[11]  channel   where dispatchers are told that there is something to do
-- ARGV[12]  message   what they are told
--
-- Returns added, skipped, early, or changed.

local LANE, SCHEDULES, TICKS, SCHEDULE_RUNS = KEYS[10], KEYS[11], KEYS[12], KEYS[13]
local name, due, next, tick, id = ARGV[2], ARGV[4], ARGV[5], ARGV[6], ARGV[8]

local function hasEnded(task)
  return redis.call('HEXISTS', TASKS, task) == 0
    or redis.call('ZSCORE', DELIVERED, task)
    or redis.call('ZSCORE', DEAD, task)
end

local function add()
  if redis.call('HEXISTS', TASKS, id) == 1 then return end
  redis.call('HSET', TASKS, id, base36(now) .. ARGV[10])
  redis.call('ZADD', LANE, tick, id)
  redis.call('ZADD', LANES, 'LT', tick, ARGV[9])
  redis.call('HINCRBY', COUNTERS, 'addedTotal', 1)
  redis.call('PUBLISH', ARGV[11], ARGV[12])
end

for _, key in ipairs({LANE, LANES, TICKS, DELIVERED, DEAD}) do redis.call('ZCARD', key) end
for _, key in ipairs({TASKS, COUNTERS, SCHEDULE_RUNS}) do redis.call('HLEN', key) end
if redis.call('HGET', SCHEDULES, name) ~= ARGV[3] or redis.call('ZSCORE', TICKS, name) ~= due then return 'changed' end
if tonumber(due) > now then return 'early' end

if next == '' then redis.call('ZREM', TICKS, name) else redis.call('ZADD', TICKS, next, name) end
local run = redis.call('HGET', SCHEDULE_RUNS, name) or ''
local lastTick, lastId, added, skipped = string.match(run, '^(%d*) (%S*) (%d+) (%d+)$')
added, skipped = tonumber(added or 0), tonumber(skipped or 0)
local adds = tick ~= '' and not (ARGV[7] == '1' and lastId and not hasEnded(lastId))
if adds then
  add()
  lastTick, lastId, added = tick, id, added + 1
else
  skipped = skipped + 1
end
redis.call('HSET', SCHEDULE_RUNS, name, table.concat({lastTick or '', lastId or '', digits(added), digits(skipped)}, ' '))
return adds and 'added' or 'skipped'
