-- What the scripts share that know of limits: the settings of the queue, the buckets that rates are kept by, and the lanes in trouble.
--
-- KEYS[10]  settings   hash  what `queues set` and `pause` have written; absent where nothing is set
-- KEYS[11]  lane-cool  hash  lane in trouble -> "<failures> <times set aside> <until> <last failed at> <probe>" (see readTrouble)
-- KEYS[12]  rates      zset  lane -> when its bucket is full again, µs; the lane '' is the queue itself. What is full is left out
-- KEYS[13]  proven     zset  lane -> when it was noted that its target answers

local SETTINGS, LANE_COOL, RATES, PROVEN = KEYS[10], KEYS[11], KEYS[12], KEYS[13]
FIXED_KEYS = 13

-- Lanes that claim has passed over since their targets may be dead stand this far ahead: out of the way of all others.
local ASIDE = 4e15

-- A burst, where none is set, is what comes in a second.
local function burstOf(rate) return math.max(1, math.ceil(rate)) end

-- Everything that is set, by name, and as Redis has it.
local function readSettings()
  local flat, settings = redis.call('HGETALL', SETTINGS), {}
  for at = 1, #flat, 2 do settings[flat[at]] = flat[at + 1] end
  return settings, flat
end

-- How long the queue is still paused: nil where it is not, -1 without an end.
local function pausedMs(settings)
  if not settings.pausedAt then return nil end
  if not settings.pausedUntil then return -1 end
  local left = tonumber(settings.pausedUntil) - now
  return left > 0 and left or nil
end

-- Buckets are kept as the time when they are full again, so that one that is full need not be kept at all. All is in whole µs, and
-- what is taken is rounded up: never more than the burst and what the rate has brought since.
local micros = math.floor(exact * 1000)

local function costOf(tokens, rate) return math.ceil(tokens * 1000000 / rate) end

-- How far the bucket is from full. One that was emptied by another rate is empty at the most.
local function missing(fullAt, rate, burst)
  return math.min(math.max((tonumber(fullAt) or 0) - micros, 0), costOf(burst, rate))
end

local function tokensIn(fullAt, rate, burst)
  return math.floor((costOf(burst, rate) - missing(fullAt, rate, burst)) * rate / 1000000 + 1e-9)
end

-- When the bucket will be full, once so many tokens are taken out.
local function without(tokens, fullAt, rate, burst) return micros + missing(fullAt, rate, burst) + costOf(tokens, rate) end

-- Ms until so many tokens are in it.
local function waitFor(tokens, fullAt, rate, burst)
  return math.max(0, math.ceil((missing(fullAt, rate, burst) - costOf(burst, rate) + costOf(tokens, rate)) / 1000))
end

-- failures: in a row. times: how often it was set aside since its target last answered; 0: it is not. probe: the attempt that finds
-- out whether it answers again.
local function readTrouble(entry)
  local failures, times, untilMs, failedAt, probe = string.match(entry or '', '^(%d+) (%d+) (%d+) (%d+) (.*)$')
  if not failures then return {failures = 0, times = 0, untilMs = 0, failedAt = 0, probe = ''} end
  return {failures = tonumber(failures), times = tonumber(times), untilMs = tonumber(untilMs), failedAt = tonumber(failedAt), probe = probe}
end

local function troubleEntry(trouble)
  return string.format('%.0f %.0f %.0f %.0f %s', trouble.failures, trouble.times, trouble.untilMs, trouble.failedAt, trouble.probe)
end

-- Until when a lane in trouble rests; nil: a call may be made. A probe that was purged, or whose process is gone, is none.
local function restOf(trouble)
  if trouble.times == 0 then return nil end
  if trouble.untilMs > now then return trouble.untilMs end
  if trouble.probe ~= '' and redis.call('ZSCORE', ACTIVE, trouble.probe) then return FULL end
end

-- What the queue as a whole lets go of the tasks that are wanted, `ahead` of which would have to wait for their places: they would
-- begin together, whatever the rate.
local function openGate(settings, wanted, ahead)
  local rate, concurrency = tonumber(settings.rate), tonumber(settings.concurrency)
  local gate = {limit = wanted}
  if rate or settings.laneRate then gate.limit = math.max(0, wanted - ahead) end
  if concurrency then
    gate.places = math.max(0, concurrency - redis.call('ZCARD', ACTIVE))
    gate.limit = math.min(gate.limit, gate.places)
  end
  if rate then
    gate.rate, gate.burst, gate.fullAt = rate, tonumber(settings.burst) or burstOf(rate), redis.call('ZSCORE', RATES, '')
    gate.tokens = tokensIn(gate.fullAt, gate.rate, gate.burst)
    gate.limit = math.min(gate.limit, gate.tokens)
  end
  return gate
end

-- How long nothing more is let go once so many are taken: nil: it is, -1: until a task has settled. At a high rate, some are let go
-- at a time: a script call for each would be dear.
local function heldBy(gate, taken)
  if gate.places and taken >= gate.places then return -1 end
  if not gate.tokens or taken < gate.tokens then return nil end
  local some = math.max(1, math.min(gate.burst, math.floor(gate.rate / 100)))
  return math.max(1, waitFor(some, without(taken, gate.fullAt, gate.rate, gate.burst), gate.rate, gate.burst))
end

-- Takes the tokens of so many tasks, and those in `spent`, of lanes: when each bucket is full again, and its lane. What is full by
-- now goes.
local function spend(gate, taken, spent, laneRate)
  if gate.rate then append(spent, digits(without(taken, gate.fullAt, gate.rate, gate.burst)), '') end
  if #spent == 0 then return end
  redis.call('ZREMRANGEBYSCORE', RATES, '-inf', digits(micros))
  redis.call('ZADD', RATES, unpack(spent))
  local longest = math.max(gate.rate and costOf(gate.burst, gate.rate) or 0, laneRate and costOf(burstOf(laneRate), laneRate) or 0)
  redis.call('PEXPIRE', RATES, digits(math.ceil(longest / 1000) + 60000))
end
