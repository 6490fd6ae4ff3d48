-- Watch over leases: note that somebody looks after them, and tell whether those that ran out may be taken back. Where nobody did for
-- a while, Redis was away, or its clock has jumped, and they ran out although their tasks are in good hands: whoever has them gets
-- one lease to say so.
--
-- KEYS[10 ...]  one key: reclaim  hash  polledAt: when they were last looked after; from: when one may be taken back again
--
-- ARGV[2]  leaseMs  how long a claim holds
-- ARGV[3]  quietMs  how long they may be left alone
--
-- Returns 1 where lost leases may be taken back, else 0.

local RECLAIM = KEYS[FIXED_KEYS + 1]
local leaseMs, quietMs = tonumber(ARGV[2]), tonumber(ARGV[3])

-- Polls come once a second: two of them.
local SLACK_MS = 2000

local oldest = tonumber(redis.call('ZRANGE', ACTIVE, 0, 0, 'WITHSCORES')[2])
-- Nothing to look after: nothing is written either.
if not oldest then return 0 end

local known = redis.call('HMGET', RECLAIM, 'polledAt', 'from')
local polledAt, from = tonumber(known[1] or now), tonumber(known[2] or 0)
-- A lease that was taken or extended since then is proof that somebody was there: there was nothing to look after before.
local isSuspect = now - polledAt > quietMs and oldest <= polledAt + leaseMs + SLACK_MS
-- Never longer than one lease, also where the clock went back.
from = math.min(isSuspect and math.huge or from, now + leaseMs)

-- The removal comes first: a full Redis would refuse the rest otherwise.
redis.call('HDEL', RECLAIM, 'polledAt')
redis.call('HSET', RECLAIM, 'polledAt', digits(now), 'from', digits(from))
return now >= from and 1 or 0
