/**
 * The scripts that change entries, each of them one step that is made whole or not at all. All keys begin with KEYS[1],
 * whose hash tag keeps them in one slot of a cluster:
 *
 * - `e:ID` the entry, a hash; `b:ID` its body, a list of chunks
 * - `k` key → id; `seq` the last number of adding; `counts` "STATE ORIGIN" → how many, "bytes ORIGIN" → of bodies
 * - `all`, `l:STATE` ids in their own order; `c:STATE` ids by time of the last change
 * - `o:KEY` those that hold up others of their ordering key, by number of adding; `r`, `s` ordering key → who may be sent,
 *   who is being sent
 * - `d:ORIGIN`, `d:PRIORITY ORIGIN` those that may be sent when due, by then; `next` origins by the first of these; `x` the
 *   same ids by the end of their lifetime; `u` "ID VERSION" of those whose ticket is not known to be in its queue, by when
 *   it was needed
 * - `leases` those being sent, by the end of their lease
 */
const LIBRARY = `
local p = KEYS[1]
local made = {}

local function entry(id)
  local fields = redis.call("HMGET", p .. "e:" .. id, "state", "version", "origin", "orderingKey", "afterRejection", "priority", "dueAt", "expiresAt", "seq", "bodyBytes", "key")
  if not fields[1] then return nil end
  return { id = id, state = fields[1], version = tonumber(fields[2]), origin = fields[3], lane = fields[4], after = fields[5],
    priority = fields[6], due = fields[7], expires = fields[8], seq = fields[9], bytes = tonumber(fields[10]) or 0, key = fields[11] }
end

local function count(origin, state, by, bytes)
  redis.call("HINCRBY", p .. "counts", state .. " " .. origin, by)
  if bytes > 0 and (state == "waiting" or state == "sending") then
    redis.call("HINCRBY", p .. "counts", "bytes " .. origin, by * bytes)
  end
end

local function first(origin)
  local found = redis.call("ZRANGE", p .. "d:" .. origin, 0, 0, "WITHSCORES")
  if found[1] then redis.call("ZADD", p .. "next", found[2], origin) else redis.call("ZREM", p .. "next", origin) end
end

local function offer(e, at)
  redis.call("ZADD", p .. "d:" .. e.origin, e.due, e.id)
  redis.call("ZADD", p .. "d:" .. e.priority .. " " .. e.origin, e.due, e.id)
  redis.call("ZADD", p .. "x", e.expires, e.id)
  redis.call("ZADD", p .. "u", at, e.id .. " " .. e.version)
  first(e.origin)
  table.insert(made, { e.id, tostring(e.version), e.origin, e.due, e.priority })
end

local function withdraw(e)
  redis.call("ZREM", p .. "d:" .. e.origin, e.id)
  redis.call("ZREM", p .. "d:" .. e.priority .. " " .. e.origin, e.id)
  redis.call("ZREM", p .. "x", e.id)
  redis.call("ZREM", p .. "u", e.id .. " " .. e.version)
  first(e.origin)
end

local function holds(e)
  return e.state == "waiting" or e.state == "sending" or ((e.state == "rejected" or e.state == "expired") and e.after == "hold")
end

local function settleLane(lane, at)
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
  if e.state == "waiting" then
    redis.call("HSET", p .. "r", lane, head)
    offer(e, at)
  end
end

local function enter(e, at)
  redis.call("ZADD", p .. "l:" .. e.state, 0, e.id)
  redis.call("ZADD", p .. "c:" .. e.state, at, e.id)
  count(e.origin, e.state, 1, e.bytes)
  if not e.lane then
    if e.state == "waiting" then offer(e, at) end
    return
  end
  if e.state == "sending" then redis.call("HSET", p .. "s", e.lane, e.id) end
  if holds(e) then redis.call("ZADD", p .. "o:" .. e.lane, e.seq, e.id) end
  settleLane(e.lane, at)
end

local function leave(e)
  redis.call("ZREM", p .. "l:" .. e.state, e.id)
  redis.call("ZREM", p .. "c:" .. e.state, e.id)
  count(e.origin, e.state, -1, e.bytes)
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

local function tell()
  if #made > 0 then redis.call("PUBLISH", p .. "work", "") end
  return made
end
`

/**
 * ARGV: at, then for each entry: id, origin, key or "", has a key, orderingKey or "", has one, afterRejection, priority,
 * addedAt, dueAt, expiresAt, content, bytes of the body or "". Bodies lie ready under `b:ID`.
 * @returns The ids of those that were added or had the key before, and the tickets that are needed.
 */
const ADD = `
local at, ids = ARGV[1], {}
for i = 2, #ARGV, 13 do
  local id, has = ARGV[i], ARGV[i + 3] == "1"
  local known = has and redis.call("HGET", p .. "k", ARGV[i + 2])
  if known then
    redis.call("DEL", p .. "b:" .. id)
    table.insert(ids, known)
  else
    local seq = redis.call("INCR", p .. "seq")
    local fields = { "id", id, "state", "waiting", "version", 1, "origin", ARGV[i + 1], "afterRejection", ARGV[i + 6],
      "priority", ARGV[i + 7], "addedAt", ARGV[i + 8], "changedAt", ARGV[i + 8], "dueAt", ARGV[i + 9], "expiresAt", ARGV[i + 10],
      "tries", 0, "content", ARGV[i + 11], "seq", seq }
    if has then
      redis.call("HSET", p .. "k", ARGV[i + 2], id)
      table.insert(fields, "key")
      table.insert(fields, ARGV[i + 2])
    end
    if ARGV[i + 5] == "1" then
      table.insert(fields, "orderingKey")
      table.insert(fields, ARGV[i + 4])
    end
    if ARGV[i + 12] ~= "" then
      table.insert(fields, "bodyBytes")
      table.insert(fields, ARGV[i + 12])
      redis.call("PERSIST", p .. "b:" .. id)
    end
    redis.call("HSET", p .. "e:" .. id, unpack(fields))
    redis.call("ZADD", p .. "all", 0, id)
    enter(entry(id), at)
    table.insert(ids, id)
  end
end
return { ids, tell() }
`

/**
 * Gives up leases that have ended, a hundred at a time. ARGV: at, since when a ticket must be in its queue.
 * @returns The tickets that are needed, also those that may have been lost.
 */
const RECOVER = `
for _, id in ipairs(redis.call("ZRANGE", p .. "leases", "-inf", ARGV[1], "BYSCORE", "LIMIT", 0, 100)) do
  become(entry(id), "waiting", ARGV[1])
end
for _, needed in ipairs(redis.call("ZRANGE", p .. "u", "-inf", ARGV[2], "BYSCORE", "LIMIT", 0, 100)) do
  local e = entry(string.match(needed, "^%S+"))
  table.insert(made, { e.id, tostring(e.version), e.origin, e.due, e.priority })
end
return made
`

/** Takes those whose lifetime has ended. ARGV: at, leaseUntil, most, token. @returns Entries. */
const TAKE_OVERDUE = `
local taken = {}
for _, id in ipairs(redis.call("ZRANGE", p .. "x", "-inf", ARGV[1], "BYSCORE", "LIMIT", 0, ARGV[3])) do
  table.insert(taken, lend(entry(id), ARGV[4], ARGV[2], ARGV[1]))
end
return taken
`

/**
 * Takes the one that was due first of those of a ticket's origin and priority: it need not be the one that the ticket was
 * made for, as each has a ticket of its own. ARGV: at, leaseUntil, token, origin, priority. @returns The entry, or nil.
 */
const TAKE = `
local id = redis.call("ZRANGE", p .. "d:" .. ARGV[5] .. " " .. ARGV[4], "-inf", ARGV[1], "BYSCORE", "LIMIT", 0, 1)[1]
if not id then return nil end
return lend(entry(id), ARGV[3], ARGV[2], ARGV[1])
`

/** ARGV: until, then id and token of each lease. @returns The tokens of those that are lost. */
const RENEW = `
local lost = {}
for i = 2, #ARGV, 2 do
  local state, token = unpack(redis.call("HMGET", p .. "e:" .. ARGV[i], "state", "token"))
  if state == "sending" and token == ARGV[i + 1] then
    redis.call("ZADD", p .. "leases", ARGV[1], ARGV[i])
  else
    table.insert(lost, ARGV[i + 1])
  end
end
return lost
`

/** ARGV: at, id, token, state, dueAt, tries, result, has a result. @returns Whether the lease held, and tickets. */
const CONCLUDE = `
local e = entry(ARGV[2])
if not e or e.state ~= "sending" or redis.call("HGET", p .. "e:" .. e.id, "token") ~= ARGV[3] then return { 0, {} } end
redis.call("HSET", p .. "e:" .. e.id, "dueAt", ARGV[5], "tries", ARGV[6])
if ARGV[8] == "1" then
  redis.call("HSET", p .. "e:" .. e.id, "result", ARGV[7])
else
  redis.call("HDEL", p .. "e:" .. e.id, "result")
end
e.due = ARGV[5]
become(e, ARGV[4], ARGV[1])
return { 1, tell() }
`

/**
 * ARGV: at, id, version, state, bytes of the body that lies ready under \`n:ID\`, or "" to keep it, or "-" to take it away;
 * then pairs of a field and its value. @returns Whether it was done, and tickets.
 */
const ALTER = `
local e = entry(ARGV[2])
local lease = tonumber(redis.call("ZSCORE", p .. "leases", ARGV[2]) or 0)
if not e or lease > tonumber(ARGV[1]) or e.version ~= tonumber(ARGV[3]) then
  redis.call("DEL", p .. "n:" .. ARGV[2])
  return { 0, {} }
end
leave(e)
local kept = p .. "e:" .. e.id
for i = 6, #ARGV, 2 do redis.call("HSET", kept, ARGV[i], ARGV[i + 1]) end
if ARGV[5] == "-" then
  redis.call("DEL", p .. "b:" .. e.id)
  redis.call("HDEL", kept, "bodyBytes")
elseif ARGV[5] ~= "" then
  redis.call("DEL", p .. "b:" .. e.id)
  if redis.call("EXISTS", p .. "n:" .. e.id) == 1 then
    redis.call("RENAME", p .. "n:" .. e.id, p .. "b:" .. e.id)
    redis.call("PERSIST", p .. "b:" .. e.id)
  end
  redis.call("HSET", kept, "bodyBytes", ARGV[5])
end
if e.key then
  if ARGV[4] ~= "discarded" then
    redis.call("HSETNX", p .. "k", e.key, e.id)
  elseif redis.call("HGET", p .. "k", e.key) == e.id then
    redis.call("HDEL", p .. "k", e.key)
  end
end
local lane, before = e.lane, e.version
redis.call("HSET", kept, "state", ARGV[4], "version", before + 1, "changedAt", ARGV[1])
enter(entry(e.id), ARGV[1])
if lane then settleLane(lane, ARGV[1]) end
redis.call("PUBLISH", p .. "changed", e.id)
return { 1, tell() }
`

/** ARGV: at, changedBefore, most, then states. @returns How many were removed, and tickets. */
const REMOVE = `
local left = tonumber(ARGV[3])
local oldest = {}
for i = 4, #ARGV do
  local found = redis.call("ZRANGE", p .. "c:" .. ARGV[i], "-inf", "(" .. ARGV[2], "BYSCORE", "LIMIT", 0, left, "WITHSCORES")
  for j = 1, #found, 2 do table.insert(oldest, { found[j], tonumber(found[j + 1]) }) end
end
table.sort(oldest, function(a, b) return a[2] < b[2] end)
local removed = 0
for _, one in ipairs(oldest) do
  if removed == left then break end
  local e = entry(one[1])
  if e.state ~= "sending" then
    leave(e)
    redis.call("DEL", p .. "e:" .. e.id, p .. "b:" .. e.id)
    redis.call("ZREM", p .. "all", e.id)
    if e.key and redis.call("HGET", p .. "k", e.key) == e.id then redis.call("HDEL", p .. "k", e.key) end
    if e.lane then settleLane(e.lane, ARGV[1]) end
    removed = removed + 1
  end
end
return { removed, tell() }
`

/**
 * Entries, the last first. ARGV: the list, how many, the id after which they begin or "".
 * @returns The entries, each as its fields and their values.
 */
const LIST = `
local found = {}
local from = ARGV[3] == "" and "+" or "(" .. ARGV[3]
for _, id in ipairs(redis.call("ZRANGE", p .. ARGV[1], from, "-", "BYLEX", "REV", "LIMIT", 0, ARGV[2])) do
  table.insert(found, redis.call("HGETALL", p .. "e:" .. id))
end
return found
`

/** By the names under which the client knows them. */
export const scripts = {
  outboxAdd: LIBRARY + ADD,
  outboxRecover: LIBRARY + RECOVER,
  outboxTakeOverdue: LIBRARY + TAKE_OVERDUE,
  outboxTake: LIBRARY + TAKE,
  outboxRenew: LIBRARY + RENEW,
  outboxConclude: LIBRARY + CONCLUDE,
  outboxAlter: LIBRARY + ALTER,
  outboxRemove: LIBRARY + REMOVE,
  outboxList: LIBRARY + LIST,
} as const

export type ScriptName = keyof typeof scripts
