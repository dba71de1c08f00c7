/**
 * What the scripts have in common. Each of them is one step that is made whole or not at all, and may be sent twice when the
 * connection is lost under it. All keys begin with KEYS[1], whose hash tag keeps them in one slot:
 *
 * - `e:ID` the entry, a hash; `b:ID` its body, a list of chunks
 * - `k` key → id; `seq` the last number of adding; `counts` "STATE ORIGIN" → how many, "bytes ORIGIN" → of bodies
 * - `l:STATE`, `l:STATE ORIGIN`, `y:KEY` (ordering keys) ids in their own order; `c:STATE` ids by time of the last change
 * - `o:KEY` those that hold up others of their ordering key, by number of adding; `r`, `s` ordering key → who may be sent,
 *   who is being sent
 * - `d:ORIGIN`, `d:PRIORITY ORIGIN` those that may be sent when due, by then; `next` origins by the first of these; `x` the
 *   same ids by the end of their lifetime
 * - `leases` those being sent, by the end of their lease
 */
export const LIBRARY = `
local p = KEYS[1]
local made = {}

local function entry(id)
  local fields = redis.call("HMGET", p .. "e:" .. id, "state", "version", "origin", "orderingKey", "afterRejection", "priority", "dueAt", "expiresAt", "seq", "bodyBytes", "key")
  if not fields[1] then return nil end
  return { id = id, state = fields[1], version = tonumber(fields[2]), origin = fields[3], lane = fields[4], after = fields[5],
    priority = fields[6], due = fields[7], expires = fields[8], seq = fields[9], bytes = tonumber(fields[10]) or 0, key = fields[11] }
end

local function count(what, origin, by)
  local field = what .. " " .. origin
  if redis.call("HINCRBY", p .. "counts", field, by) == 0 then redis.call("HDEL", p .. "counts", field) end
end

local function recount(e, by)
  count(e.state, e.origin, by)
  if e.bytes > 0 and (e.state == "waiting" or e.state == "sending") then count("bytes", e.origin, by * e.bytes) end
end

local function first(origin)
  local found = redis.call("ZRANGE", p .. "d:" .. origin, 0, 0, "WITHSCORES")
  if found[1] then redis.call("ZADD", p .. "next", found[2], origin) else redis.call("ZREM", p .. "next", origin) end
end

local function ticket(e)
  table.insert(made, { e.id, tostring(e.version), e.origin, e.due, e.priority })
end

local function offer(e)
  redis.call("ZADD", p .. "d:" .. e.origin, e.due, e.id)
  redis.call("ZADD", p .. "d:" .. e.priority .. " " .. e.origin, e.due, e.id)
  redis.call("ZADD", p .. "x", e.expires, e.id)
  first(e.origin)
  ticket(e)
end

local function withdraw(e)
  redis.call("ZREM", p .. "d:" .. e.origin, e.id)
  redis.call("ZREM", p .. "d:" .. e.priority .. " " .. e.origin, e.id)
  redis.call("ZREM", p .. "x", e.id)
  first(e.origin)
end

local function holds(e)
  return e.state == "waiting" or e.state == "sending" or ((e.state == "rejected" or e.state == "expired") and e.after == "hold")
end

local function settleLane(lane)
  local head = redis.call("ZRANGE", p .. "o:" .. lane, 0, 0)[1]
  if redis.call("HEXISTS", p .. "s", lane) == 1 then head = nil end
  local offered = redis.call("HGET", p .. "r", lane)
  if offered and offered ~= head then
    local e = entry(offered)
    if e and e.state == "waiting" then withdraw(e) end
    redis.call("HDEL", p .. "r", lane)
    offered = false
  end
  if not head or offered then return end
  local e = entry(head)
  if e and e.state == "waiting" then
    redis.call("HSET", p .. "r", lane, head)
    offer(e)
  end
end

local function enter(e, at)
  redis.call("ZADD", p .. "l:" .. e.state, 0, e.id)
  redis.call("ZADD", p .. "l:" .. e.state .. " " .. e.origin, 0, e.id)
  redis.call("ZADD", p .. "c:" .. e.state, at, e.id)
  recount(e, 1)
  if not e.lane then
    if e.state == "waiting" then offer(e) end
    return
  end
  if e.state == "sending" then redis.call("HSET", p .. "s", e.lane, e.id) end
  if holds(e) then redis.call("ZADD", p .. "o:" .. e.lane, e.seq, e.id) end
  settleLane(e.lane)
end

local function leave(e)
  redis.call("ZREM", p .. "l:" .. e.state, e.id)
  redis.call("ZREM", p .. "l:" .. e.state .. " " .. e.origin, e.id)
  redis.call("ZREM", p .. "c:" .. e.state, e.id)
  recount(e, -1)
  if e.state == "waiting" then withdraw(e) end
  if e.state == "sending" then
    redis.call("ZREM", p .. "leases", e.id)
    redis.call("HDEL", p .. "e:" .. e.id, "token")
    if e.lane then redis.call("HDEL", p .. "s", e.lane) end
  end
  if e.lane then
    redis.call("ZREM", p .. "o:" .. e.lane, e.id)
    if redis.call("HGET", p .. "r", e.lane) == e.id then redis.call("HDEL", p .. "r", e.lane) end
  end
end

local function become(e, state, at)
  leave(e)
  e.state = state
  e.version = e.version + 1
  redis.call("HSET", p .. "e:" .. e.id, "state", state, "version", e.version, "changedAt", at)
  enter(e, at)
  redis.call("PUBLISH", p .. "changed", e.id)
end

local function lend(e, token, untilAt, at)
  become(e, "sending", at)
  redis.call("HSET", p .. "e:" .. e.id, "token", token)
  redis.call("ZADD", p .. "leases", untilAt, e.id)
  return redis.call("HGETALL", p .. "e:" .. e.id)
end

local function nextAt()
  local earliest = false
  for _, name in ipairs({ "next", "leases", "x" }) do
    local score = redis.call("ZRANGE", p .. name, 0, 0, "WITHSCORES")[2]
    if score and (not earliest or tonumber(score) < tonumber(earliest)) then earliest = score end
  end
  return earliest
end

local function origins(at, from, most)
  local due = {}
  for i, value in ipairs(redis.call("ZRANGE", p .. "next", "-inf", at, "BYSCORE", "LIMIT", from, most, "WITHSCORES")) do
    table.insert(due, value)
    if i % 2 == 1 then table.insert(due, redis.call("ZCOUNT", p .. "d:" .. value, "-inf", at)) end
  end
  return due
end
`
