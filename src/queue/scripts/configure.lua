-- Configure a queue: write settings and take others away, pause it or let it go on. All processes are told.
--
-- ARGV[2]  channel   where dispatchers are told
-- ARGV[3]  message   what they are told
-- ARGV[4 ...]        per setting: its name, and "-" to take it away, "=<value>" to set it, or "+<ms>" for an instant so long from now
--
-- Returns {now, settings}, these flat, as they are now.

local LOWERED_AT_ONCE = 1000

local function lower(key, names, score)
  for from = 1, #names, LOWERED_AT_ONCE do
    local scores = {}
    for at = from, math.min(#names, from + LOWERED_AT_ONCE - 1) do append(scores, digits(score), names[at]) end
    redis.call('ZADD', key, 'XX', 'LT', unpack(scores))
  end
end

-- Lanes that claim has put off for a limit's sake are looked at again: it may be another one now.
local function lookAgain(lanes) lower(LANES, lanes, now) end

-- By the rate as it is now no bucket is more than empty.
local function fitBuckets(lanes, settings)
  local rate, laneRate = tonumber(settings.rate), tonumber(settings.laneRate)
  local own = redis.call('ZSCORE', RATES, '')
  if laneRate then lower(RATES, lanes, micros + costOf(burstOf(laneRate), laneRate)) end
  if rate and own then
    local most = micros + costOf(tonumber(settings.burst) or burstOf(rate), rate)
    redis.call('ZADD', RATES, digits(math.min(tonumber(own), most)), '')
  end
end

local given, gone = {}, {}
for at = 4, #ARGV, 2 do
  local name, kind, value = ARGV[at], string.sub(ARGV[at + 1], 1, 1), string.sub(ARGV[at + 1], 2)
  if kind == '-' then
    gone[#gone + 1] = name
  else
    append(given, name, kind == '+' and digits(math.ceil(exact + tonumber(value))) or value)
  end
end

if #gone > 0 then redis.call('HDEL', SETTINGS, unpack(gone)) end
if #given > 0 then redis.call('HSET', SETTINGS, unpack(given)) end
lookAgain(redis.call('ZRANGEBYSCORE', LANES, FULL, FULL))
local settings, flat = readSettings()
local lanes = redis.call('ZRANGE', RATES, 0, -1)
lookAgain(lanes)
fitBuckets(lanes, settings)
lookAgain(redis.call('HKEYS', LANE_COOL))
redis.call('PUBLISH', ARGV[2], ARGV[3])
return {now, flat}
