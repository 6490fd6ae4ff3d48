-- Put a schedule where the one that stands there is the one its writer has seen.
--
-- KEYS[10]  schedules  hash  name -> the schedule, as src/task/schedule-codec.ts has it
-- KEYS[11]  ticks      zset  name -> the tick it waits for; a paused one waits for none
--
-- ARGV[2]  name
-- ARGV[3]  seen      the schedule of that name before, empty for none
-- ARGV[4]  schedule
-- ARGV[5]  tick      what it waits for, ms since the epoch; empty for none
-- ARGV[6]  keepTick  1: what it waits for already, it waits for still
-- ARGV[7]  channel   where dispatchers are told
-- ARGV[8]  message   what they are told
--
-- Returns 1, or 0 where another stands there and nothing was done.

local SCHEDULES, TICKS = KEYS[10], KEYS[11]
local name, seen, tick = ARGV[2], ARGV[3], ARGV[5]

redis.call('ZCARD', TICKS)
if (redis.call('HGET', SCHEDULES, name) or '') ~= seen then return 0 end
redis.call('HSET', SCHEDULES, name, ARGV[4])
if tick == '' then
  redis.call('ZREM', TICKS, name)
elseif ARGV[6] == '1' then
  redis.call('ZADD', TICKS, 'NX', tick, name)
else
  redis.call('ZADD', TICKS, tick, name)
end
redis.call('PUBLISH', ARGV[7], ARGV[8])
return 1
