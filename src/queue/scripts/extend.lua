-- Extend the leases of running attempts. One that is gone is never made anew.
--
-- ARGV[2]      leaseMs  how long each holds from now
-- ARGV[3 ...]  id#attempt of each
--
-- Returns the indexes, from 1, of those that no longer hold.

local leaseEnd = digits(now + tonumber(ARGV[2]))

local gone = {}
for at = 3, #ARGV do
  if redis.call('ZSCORE', ACTIVE, ARGV[at]) then
    redis.call('ZADD', ACTIVE, 'XX', leaseEnd, ARGV[at])
  else
    gone[#gone + 1] = at - 2
  end
end
return gone
