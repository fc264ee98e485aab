-- Applies the events of a commit to an office, all or nothing.
--
-- KEYS  1 head  2 index  3 events  4 place  5 serving  6 booked  7 day
--       Lines and cells are reached by the prefix: the same hash tag, hence the same node.
-- ARGV  1 epoch  2 first seq  3 last seq  4 prefix of the office's keys
--       5 business day after the events, or ""  6 events the stream keeps
--       7 the events as one entry of the stream, whose id is the last seq
--       8 number of tickets, 9 of bookings; then (ticket, place) pairs, (booking, cells) pairs.
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

local tickets, bookings = tonumber(ARGV[8]), tonumber(ARGV[9])
redis.call('XADD', KEYS[3], 'MINID', '~', string.format('%d-0', math.max(0, last - tonumber(ARGV[6]))),
  string.format('%d-0', last), 'p', ARGV[1], 'e', ARGV[7])
redis.call('SADD', KEYS[2], 'events')

-- Calls with many arguments, so many at a time as every Lua can unpack; pairs stay together.
local function each(f, list)
  for i = 1, #list, 400 do f(unpack(list, i, math.min(i + 399, #list))) end
end
local function many(command, key, list)
  each(function(...) redis.call(command, key, ...) end, list)
end
-- What stands in a hash under some fields, as a table by field.
local function look(key, fields)
  local out, n = {}, 0
  each(function(...)
    local got = redis.call('HMGET', key, ...)
    for i = 1, #got do out[fields[n + i]] = got[i] or '' end
    n = n + #got
  end, fields)
  return out
end

-- Everybody leaves the old place before anybody takes a new one.
local ids = {}
for i = 1, tickets do ids[i] = ARGV[n + 2 * i - 1] end
local place, moved, counters = look(KEYS[4], ids), {}, {}
for i = 1, tickets do
  local id, to = ids[i], ARGV[n + 2 * i]
  if place[id] ~= to then
    local m = {id = id, from = words(place[id]), to = words(to), text = to}
    moved[#moved + 1] = m
    if m.from[1] == 'c' then counters[#counters + 1] = m.from[2] end
  end
end
local serving = look(KEYS[5], counters)
local nowhere, left, came, opened, index = {}, {}, {}, {}, {}
local off, on, lines = {}, {}, {} -- members by line
local function into(lists, line, ...)
  if not off[line] then
    lines[#lines + 1], off[line], on[line] = line, {}, {}
  end
  for _, v in ipairs({...}) do table.insert(lists[line], v) end
end
for _, m in ipairs(moved) do
  local from, to = m.from, m.to
  if from[1] == 'w' then
    into(off, 'line:' .. from[2], from[4])
  elseif from[1] == 'c' and words(serving[from[2]])[1] == m.id then
    left[#left + 1] = from[2]
  end
  if m.text == '' then
    nowhere[#nowhere + 1] = m.id
  else
    came[#came + 1], came[#came + 2] = m.id, m.text
  end
  if to[1] == 'w' then
    into(on, 'line:' .. to[2], to[3], to[4])
    index[#index + 1] = 'line:' .. to[2]
  elseif to[1] == 'c' then
    opened[#opened + 1], opened[#opened + 2] = to[2], to[3] .. ' ' .. to[4] .. ' ' .. to[5]
  end
end
many('HDEL', KEYS[4], nowhere)
many('HDEL', KEYS[5], left)
for _, line in ipairs(lines) do
  many('ZREM', prefix .. line, off[line])
  many('ZADD', prefix .. line, on[line])
end
many('HSET', KEYS[4], came)
many('HSET', KEYS[5], opened)
if #came > 0 then index[#index + 1], index[#index + 2] = 'place', 'serving' end
many('SADD', KEYS[2], index)
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
