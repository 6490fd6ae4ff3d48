-- Peek at tasks: what each is, or what became of it, or both, as far as the bytes reach. Writes nothing.
--
-- ARGV[2]      bytes   no more are read after these, so that one reply is never too large to hold
-- ARGV[3]      tasks   1: the tasks as they were added
-- ARGV[4]      runs    1: their runs
-- ARGV[5 ...]  ids
--
-- Returns {tasks, runs}, lists with a value, or nil, for each of the first ids; they are as long as it came, at least 1.

local bytes, withTasks, withRuns = tonumber(ARGV[2]), ARGV[3] == '1', ARGV[4] == '1'

local function read(key, id)
  local value = redis.call('HGET', key, id)
  if value then bytes = bytes - #value end
  return value
end

local tasks, runs = {}, {}
for at = 5, #ARGV do
  tasks[at - 4] = withTasks and read(TASKS, ARGV[at])
  runs[at - 4] = withRuns and read(RUNS, ARGV[at])
  if bytes <= 0 then break end
end
return {tasks, runs}
