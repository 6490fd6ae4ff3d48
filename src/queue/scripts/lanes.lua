-- Look at lanes: what they have to do, and what stands in the way of their tasks. Writes nothing.
--
-- KEYS[14 ...]  one lane key per lane named in ARGV
--
-- ARGV[2 ...]   the lanes' names, in the order of their keys
--
-- Returns {now, settings, active, queueMs, lanes}: settings is flat, as Redis has them; active is how many tasks of the queue are;
-- queueMs is how long until its bucket has a token, and lanes has per lane {waiting, due, active, trouble or empty, probed, laneMs}:
-- probed is 1 while one call finds out whether the target answers again, laneMs how long until the lane's bucket has a token.

local settings, flat = readSettings()

local function tokenMs(lane, rate, burst)
  return rate and waitFor(1, redis.call('ZSCORE', RATES, lane), rate, burst or burstOf(rate)) or 0
end

local lanes = {}
for at = 2, #ARGV do
  local lane, key = ARGV[at], KEYS[FIXED_KEYS + at - 1]
  local entry = redis.call('HGET', LANE_COOL, lane)
  local trouble = entry and readTrouble(entry)
  lanes[#lanes + 1] = {
    redis.call('ZCARD', key),
    redis.call('ZCOUNT', key, '-inf', now),
    tonumber(redis.call('HGET', LANE_ACTIVE, lane) or 0),
    entry or '',
    trouble and restOf(trouble) == FULL and 1 or 0,
    tokenMs(lane, tonumber(settings.laneRate)),
  }
end
return {now, flat, redis.call('ZCARD', ACTIVE), tokenMs('', tonumber(settings.rate), tonumber(settings.burst)), lanes}
