-- Inspect tasks: where each is, and what became of it so far, at one moment. Writes nothing.
--
-- KEYS[10 ...]  one lane key per distinct lane of the tasks
--
-- ARGV[2 ...]   per task: id, and the index of its lane among those keys, from 1
--
-- Returns per task {state, score, run}: score is its due time, lease end or when it ended; an empty list where it is nowhere.

local replies = {}
for at = 2, #ARGV, 2 do
  local id = ARGV[at]
  local state, score = stateOf(id, KEYS[FIXED_KEYS + tonumber(ARGV[at + 1])])
  replies[#replies + 1] = state and {state, score, redis.call('HGET', RUNS, id) or ''} or {}
end
return replies
