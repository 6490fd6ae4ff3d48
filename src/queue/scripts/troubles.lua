-- What settle hears of targets: which lanes are in trouble, are set aside for it, and are out of it again.

-- So many failures in a row set a lane aside, for so long at first and then twice as long each time; so long at the most, and
-- where the target has asked for quiet itself.
local FAILURES_IN_A_ROW, FIRST_QUIET_MS, LONGEST_QUIET_MS, LONGEST_ASKED_MS = 5, 1000, 300000, 3600000

-- A target that has answered is known to for so long; so many lanes are remembered.
local PROVEN_KEPT_MS, PROVEN_KEPT = 24 * 3600 * 1000, 10000

-- Trouble that nothing was heard of for so long is forgotten.
local TROUBLE_KEPT_MS = 3600000

-- The lanes in trouble among those that a batch is about, and which of them have changed.
local troubles, changed, setsAsideAfter = {}, {}, FAILURES_IN_A_ROW

-- `after`: the setting, 0 for never.
local function readTroubles(names, after)
  setsAsideAfter = tonumber(after) or FAILURES_IN_A_ROW
  if #names == 0 or redis.call('HLEN', LANE_COOL) == 0 then return end
  for index, entry in ipairs(redis.call('HMGET', LANE_COOL, unpack(names))) do
    if entry then troubles[names[index]] = readTrouble(entry) end
  end
end

local function setAside(trouble, askedMs)
  trouble.times, trouble.probe = trouble.times + 1, ''
  local quietMs = math.min(FIRST_QUIET_MS * 2 ^ math.min(trouble.times - 1, 20), LONGEST_QUIET_MS)
  trouble.untilMs = now + math.max(quietMs, math.min(askedMs, LONGEST_ASKED_MS))
end

-- Notes what an attempt has told of its target. Any answer ends its trouble; so many failures in a row set the lane aside, and then
-- only the call that was to find out sets it aside for longer: the others were made before.
local function hear(lane, target, id, attempt)
  local trouble = troubles[lane]
  if target == '+' then
    if trouble then troubles[lane], changed[lane] = nil, true end
    return
  end
  local isProbe = trouble and trouble.probe == id .. '#' .. attempt
  if target ~= '' and setsAsideAfter > 0 then
    trouble = trouble or readTrouble()
    trouble.failures, trouble.failedAt = trouble.failures + 1, now
    if isProbe or (trouble.times == 0 and trouble.failures >= setsAsideAfter) then setAside(trouble, tonumber(target)) end
    troubles[lane], changed[lane] = trouble, true
  elseif isProbe then
    trouble.probe, changed[lane] = '', true
  end
end

-- Of all that is kept a few are looked at, more than have come, so that what nothing was heard of for long goes.
local function forgetOldTroubles(written)
  local some = redis.call('HRANDFIELD', LANE_COOL, written + 2, 'WITHVALUES')
  for at = 1, #some, 2 do
    local trouble = readTrouble(some[at + 1])
    if math.max(trouble.untilMs, trouble.failedAt) + TROUBLE_KEPT_MS < now then redis.call('HDEL', LANE_COOL, some[at]) end
  end
  redis.call('PEXPIRE', LANE_COOL, LONGEST_ASKED_MS + TROUBLE_KEPT_MS)
end

-- Writes what has changed, and notes the lanes whose targets answer: these, and those that answer again.
local function writeTroubles(answering)
  local written, gone, failing, proven = {}, {}, {}, {}
  for lane in pairs(changed) do
    local trouble = troubles[lane]
    if trouble then
      append(written, lane, troubleEntry(trouble))
      failing[#failing + 1] = lane
    else
      gone[#gone + 1] = lane
      append(proven, digits(now), lane)
    end
  end
  for _, lane in ipairs(answering) do append(proven, digits(now), lane) end
  if #gone > 0 then redis.call('HDEL', LANE_COOL, unpack(gone)) end
  if #failing > 0 then redis.call('ZREM', PROVEN, unpack(failing)) end
  if #written > 0 then
    redis.call('HSET', LANE_COOL, unpack(written))
    forgetOldTroubles(#written / 2)
  end
  if #proven == 0 then return end
  redis.call('ZREMRANGEBYSCORE', PROVEN, '-inf', now - PROVEN_KEPT_MS)
  redis.call('ZADD', PROVEN, unpack(proven))
  redis.call('ZREMRANGEBYRANK', PROVEN, 0, -1 - PROVEN_KEPT)
  redis.call('PEXPIRE', PROVEN, PROVEN_KEPT_MS)
end
