-- Puts a rebuilt office in the place of what is there, as one unit.
--
-- KEYS  1 head  2 index  3 temporary index
-- ARGV  1 the head that was seen when the rebuild began, or ""
--       2 prefix of the office's keys  3 temporary prefix
--       4 epoch  5 seq of what was rebuilt  6 number of temporary keys, index not counted
-- Returns 1 swapped; nothing is changed by
--       0 the head is meanwhile newer, -1 temporary keys are missing.
local head = redis.call('GET', KEYS[1]) or ''
if head ~= ARGV[1] then
  local epoch, seq = string.match(head, '^(.*):(%d+)$')
  if epoch == ARGV[4] and tonumber(seq) >= tonumber(ARGV[5]) then return 0 end
end
local fresh = redis.call('SMEMBERS', KEYS[3])
if #fresh ~= tonumber(ARGV[6]) then return -1 end
for _, suffix in ipairs(fresh) do
  if redis.call('EXISTS', ARGV[3] .. suffix) == 0 then return -1 end
end

-- Nothing is refused from here on.
for _, suffix in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  redis.call('UNLINK', ARGV[2] .. suffix)
end
redis.call('UNLINK', KEYS[2])
for _, suffix in ipairs(fresh) do
  redis.call('RENAME', ARGV[3] .. suffix, ARGV[2] .. suffix)
  redis.call('PERSIST', ARGV[2] .. suffix)
end
if #fresh > 0 then
  redis.call('RENAME', KEYS[3], KEYS[2])
  redis.call('PERSIST', KEYS[2])
end
redis.call('SET', KEYS[1], ARGV[4] .. ':' .. ARGV[5])
return 1
