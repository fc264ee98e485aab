-- A rate limit: the generic cell rate algorithm (ITU-T I.371, annex A), so many
-- at once and then evenly.
--
-- KEYS  1 the limit
-- ARGV  1 now in ms  2 ms between two acts at the even rate  3 acts allowed at once
-- Returns 0 when allowed, else the ms to wait.
local now, step, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local at = tonumber(redis.call('GET', KEYS[1]) or now)
if at < now or at > now + 2 * step * burst then at = now end
local wait = at + step - now - step * burst
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%d', math.floor(at + step)), 'PX', string.format('%d', math.floor(at + step - now + 1000)))
return 0
