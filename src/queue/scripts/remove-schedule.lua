-- Remove a schedule. The tasks it has added stay.
--
-- KEYS[10]  schedules       hash  name -> the schedule
-- KEYS[11]  ticks           zset  name -> the tick it waits for
-- KEYS[12]  schedule-runs   hash  name -> what became of it so far
--
-- ARGV[2]  name
--
-- Returns 1, or 0 where there is none of that name.

redis.call('ZREM', KEYS[11], ARGV[2])
redis.call('HDEL', KEYS[12], ARGV[2])
return redis.call('HDEL', KEYS[10], ARGV[2])
