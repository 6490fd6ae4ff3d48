-- Remember tasks that were added without anybody hearing of it: whoever sends one again by its id finds it for a day, also when it is
-- no longer kept by then.
--
-- KEYS[10 ...]  the dedup key of each id
--
-- ARGV[2 ...]   the ids
--
-- Returns how many there are.

local found = 0
for at = 2, #ARGV do
  local id = ARGV[at]
  if redis.call('HEXISTS', TASKS, id) == 1 then
    found = found + 1
    -- Without a fingerprint, which nobody has any more, and ended already: settle does not know of it. As long as there is a task,
    -- its state is what counts.
    redis.call('SET', KEYS[FIXED_KEYS + at - 1], id .. '\t?\tdelivered', 'PX', DEDUP_KEPT_MS, 'NX')
  end
end
return found
