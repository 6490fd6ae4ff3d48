-- Mend suspects: judge each at this moment, and put it right where that is asked for.
--
-- KEYS[10 ...]  one lane key per lane named in ARGV
--
-- ARGV[2]  repair    1: put right; 0: only judge
-- ARGV[3]  channel   where dispatchers are told that there is something to do
-- ARGV[4]  queue     this queue's name, the message on that channel
-- ARGV[5]  lanes     how many lanes follow
-- ARGV[6 ...]        the lanes' names, in the order of their keys
-- then per suspect:
--   id
--   own              index of its own lane, from 1; 0 where its task cannot be read, or is gone
--   other            index of the lane it was found in; 0 for none
--   attempt          whose lease was found, or empty
--
-- Returns for each what is wrong with it: lost_body (it stands in no state), no_body, two_states, wrong_lane, stale_lease,
-- retrying_index, or ok.

local repair, lanes = ARGV[2] == '1', tonumber(ARGV[5])
local PER_SUSPECT = 4
local touched, wake, recount = {}, false, false

local function laneAt(index)
  index = tonumber(index)
  if index == 0 then return nil end
  return {key = KEYS[FIXED_KEYS + index], name = ARGV[5 + index]}
end

local function scoreIn(lane, id) return lane and redis.call('ZSCORE', lane.key, id) end

local function takeOut(lane, id)
  if not lane then return end
  redis.call('ZREM', lane.key, id)
  touched[lane.name] = lane.key
end

local function endLease(member)
  if redis.call('ZREM', ACTIVE, member) == 1 then recount = true end
end

-- Of an id without a task nothing stays but the number that a purge has left in runs.
local function forget(id, other, found)
  if not scoreIn(other, id) and not found and not redis.call('ZSCORE', RETRYING, id) and not redis.call('ZSCORE', DEAD, id)
    and not redis.call('ZSCORE', DELIVERED, id) then return 'ok' end
  if repair then
    takeOut(other, id)
    for _, key in ipairs({RETRYING, DEAD, DELIVERED}) do redis.call('ZREM', key, id) end
    if found then endLease(found) end
  end
  return found and 'stale_lease' or 'no_body'
end

-- The state in which nothing is lost: what runs is left to its process, what may still have to be called is called.
local function stateToKeep(at)
  if at.lease then return 'active' end
  if at.due or at.strayDue then return 'waiting' end
  if at.dead then return 'dead' end
  if at.delivered then return 'delivered' end
  return at.own and 'waiting' or 'dead'
end

local function put(id, at, keep)
  -- What goes, goes first: a full Redis takes additions only after that.
  if keep ~= 'dead' then redis.call('ZREM', DEAD, id) end
  if keep ~= 'delivered' then redis.call('ZREM', DELIVERED, id) end
  if at.strayDue then takeOut(at.other, id) end
  if keep ~= 'waiting' then takeOut(at.own, id) end
  redis.call('ZREM', RETRYING, id)
  if at.stale then endLease(at.stale) end
  if keep == 'dead' and not at.dead then redis.call('ZADD', DEAD, now, id) end
  if keep ~= 'waiting' then return end
  local due = at.due or at.strayDue or digits(now)
  if not at.due then
    redis.call('ZADD', at.own.key, due, id)
    touched[at.own.name], wake = at.own.key, true
  end
  if at.failed then redis.call('ZADD', RETRYING, due, id) end
end

local function whatIsWrong(at, states)
  if states > 1 then return 'two_states' end
  if at.strayDue then return 'wrong_lane' end
  if states == 0 then return 'lost_body' end
  if at.stale then return 'stale_lease' end
  if at.marked ~= (at.due and at.failed and at.due or false) then return 'retrying_index' end
  return 'ok'
end

local function judge(id, own, other, attempt)
  local found = attempt ~= '' and redis.call('ZSCORE', ACTIVE, id .. '#' .. attempt) and id .. '#' .. attempt or nil
  local task = redis.call('HGET', TASKS, id)
  if not task then return forget(id, other, found) end
  -- Purged and added anew in the meantime, with another lane: another look will tell.
  if laneOf(task) ~= (own and own.name) then return 'ok' end
  local run = redis.call('HGET', RUNS, id)
  local member = id .. '#' .. digits(attemptsOf(run) + 1)
  local at = {own = own, other = other, due = scoreIn(own, id)}
  -- A task that cannot be read may wait in any lane.
  at.strayDue = other and (not own or other.name ~= own.name) and scoreIn(other, id)
  at.lease, at.dead = redis.call('ZSCORE', ACTIVE, member), redis.call('ZSCORE', DEAD, id)
  at.delivered, at.marked = redis.call('ZSCORE', DELIVERED, id), redis.call('ZSCORE', RETRYING, id)
  at.failed = run and not string.find(run, '^%d+,0,')
  at.stale = found ~= member and found
  local states = 0
  for _, name in ipairs({'due', 'strayDue', 'lease', 'dead', 'delivered'}) do
    if at[name] then states = states + 1 end
  end
  if not own and states == 1 and at.strayDue then return 'ok' end
  local wrong = whatIsWrong(at, states)
  if repair and wrong ~= 'ok' then put(id, at, own and stateToKeep(at) or at.lease and 'active' or at.delivered and 'delivered' or 'dead') end
  return wrong
end

local verdicts = {}
for at = 6 + lanes, #ARGV, PER_SUSPECT do
  local id, own, other, attempt = unpack(ARGV, at, at + PER_SUSPECT - 1)
  verdicts[#verdicts + 1] = judge(id, laneAt(own), laneAt(other), attempt)
end
for name, key in pairs(touched) do rehint(name, key) end
if recount then recountLanes() end
if wake then redis.call('PUBLISH', ARGV[3], ARGV[4]) end
return verdicts
