-- Applies the events of a commit to an office, all or nothing.
--
-- KEYS  1 head  2 index  3 events  4 place  5 serving  6 booked  7 day
--       Lines and cells are reached by the prefix: the same hash tag, hence the same node.
-- ARGV  1 epoch  2 first seq  3 last seq  4 prefix of the office's keys
--       5 business day after the events, or ""  6 entries the stream keeps
--       7 number of events, 8 of tickets, 9 of bookings; then
--       the events' entries, (ticket, place) pairs, (booking, cells) pairs.
--       A place is "w queue score member", "c counter ticket number state" or "".
--       Cells are "queue day first count" or "".
-- Returns {code, seq}: 1 applied, 0 a repeat; nothing is changed by
--       -1 no head, -2 another epoch, -3 the stream's top is not the head, -4 events are missing between.
local head = redis.call('GET', KEYS[1])
if not head then return {-1, 0} end
local epoch, at = string.match(head, '^(.*):(%d+)$')
if not epoch then return {-1, 0} end
local first, last = tonumber(ARGV[2]), tonumber(ARGV[3])
local seq = tonumber(at)
if epoch ~= ARGV[1] then return {-2, seq} end
local top = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)
local topped = 0
if top[1] then topped = tonumber(string.match(top[1][1], '^(%d+)')) end
if topped ~= seq then return {-3, seq} end
if last <= seq then return {0, seq} end
if first > seq + 1 then return {-4, seq} end

-- Nothing is refused from here on.
local prefix, n = ARGV[4], 9
local today = redis.call('GET', KEYS[7]) or ''
if ARGV[5] ~= '' and ARGV[5] ~= today then
  today = ARGV[5]
  redis.call('SET', KEYS[7], today)
  redis.call('SADD', KEYS[2], 'day')
  for _, suffix in ipairs(redis.call('SMEMBERS', KEYS[2])) do
    local day = string.match(suffix, '^cells:.*:(%d%d%d%d%-%d%d%-%d%d)$')
    if day and day < today then
      redis.call('UNLINK', prefix .. suffix)
      redis.call('SREM', KEYS[2], suffix)
    end
  end
end

local function words(s)
  local out = {}
  for w in string.gmatch(s, '%S+') do out[#out + 1] = w end
  return out
end

local events, tickets, bookings = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
for i = 1, events do
  local id = first + i - 1
  if id > seq then
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[6], string.format('%d-0', id), 'p', ARGV[1], 'e', ARGV[n + i])
  end
end
redis.call('SADD', KEYS[2], 'events')
n = n + events

-- Everybody leaves the old place before anybody takes a new one.
local came = {}
for i = 1, tickets do
  local id, place = ARGV[n + 2 * i - 1], ARGV[n + 2 * i]
  local was = redis.call('HGET', KEYS[4], id) or ''
  if was ~= place then
    local w = words(was)
    if w[1] == 'w' then
      redis.call('ZREM', prefix .. 'line:' .. w[2], w[4])
    elseif w[1] == 'c' then
      local there = redis.call('HGET', KEYS[5], w[2])
      if there and words(there)[1] == id then redis.call('HDEL', KEYS[5], w[2]) end
    end
    if place == '' then redis.call('HDEL', KEYS[4], id) else came[#came + 1] = {id, place} end
  end
end
for _, c in ipairs(came) do
  local w = words(c[2])
  redis.call('HSET', KEYS[4], c[1], c[2])
  if w[1] == 'w' then
    redis.call('ZADD', prefix .. 'line:' .. w[2], w[3], w[4])
    redis.call('SADD', KEYS[2], 'line:' .. w[2])
  else
    redis.call('HSET', KEYS[5], w[2], w[3] .. ' ' .. w[4] .. ' ' .. w[5])
  end
end
if #came > 0 then redis.call('SADD', KEYS[2], 'place', 'serving') end
n = n + 2 * tickets

local function count(cells, by)
  local w = words(cells)
  if #w < 4 or w[2] < today then return end
  local suffix = 'cells:' .. w[1] .. ':' .. w[2]
  local from, size = tonumber(w[3]), tonumber(w[4])
  local have = redis.call('GETRANGE', prefix .. suffix, from, from + size - 1)
  local out = {}
  for i = 1, size do
    out[i] = string.char(math.max(0, math.min(255, (string.byte(have, i) or 0) + by)))
  end
  redis.call('SETRANGE', prefix .. suffix, from, table.concat(out))
  redis.call('SADD', KEYS[2], suffix)
end
for i = 1, bookings do
  local id, cells = ARGV[n + 2 * i - 1], ARGV[n + 2 * i]
  local was = redis.call('HGET', KEYS[6], id) or ''
  local day = words(cells)[2]
  if day and day < today then cells = '' end
  if was ~= cells then
    if was ~= '' then count(was, -1) end
    if cells == '' then
      redis.call('HDEL', KEYS[6], id)
    else
      count(cells, 1)
      redis.call('HSET', KEYS[6], id, cells)
      redis.call('SADD', KEYS[2], 'booked')
    end
  end
end
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. ARGV[3])
return {1, last}
