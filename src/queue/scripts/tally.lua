-- Tally: add to what the current minute has seen.
--
-- ARGV[2]      prefix  a minute's key is this and its number since the epoch
-- ARGV[3 ...]  field and by how much it grows, in turn: see src/queue/tallies.ts
--
-- Returns nothing.

local key = ARGV[2] .. digits(math.floor(now / 60000))
for at = 3, #ARGV, 2 do redis.call('HINCRBY', key, ARGV[at], ARGV[at + 1]) end
-- How many had been added by then: what is added is counted by no serve.
redis.call('HSET', key, 'a', redis.call('HGET', COUNTERS, 'addedTotal') or 0)
redis.call('PEXPIRE', key, 2 * 3600 * 1000)
