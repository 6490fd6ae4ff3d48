-- Extend the leases of running attempts. One that is gone is never made anew.
--
-- ARGV[2]      leaseMs  how long each holds from now
-- ARGV[3 ...]  id#attempt of each
--
-- Returns the indexes, from 1, of those that no longer hold.

local leaseEnd = digits(now + tonumber(ARGV[2]))

local gone = {}
for at = 3, #ARGV do
  -- The removal comes first: a full Redis would refuse to change a score otherwise, and every lease would run out.
  if redis.call('ZREM', ACTIVE, ARGV[at]) == 1 then
    redis.call('ZADD', ACTIVE, leaseEnd, ARGV[at])
  else
    gone[#gone + 1] = at - 2
  end
end
return gone
