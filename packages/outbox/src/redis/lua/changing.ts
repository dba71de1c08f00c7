/**
 * ARGV: for each entry: id, origin, key or "", has a key, orderingKey or "", has one, afterRejection, priority, addedAt, dueAt,
 * expiresAt, content, bytes of the body or "", the body or "" when it lies ready under `b:ID`.
 * @returns Of each entry its id, or the fields of the one that has its key; and the tickets that are needed.
 */
export const ADD = `
local ends = {}
for i = 1, #ARGV, 14 do
  local id, has = ARGV[i], ARGV[i + 3] == "1"
  local known = has and redis.call("HGET", p .. "k", ARGV[i + 2])
  if redis.call("EXISTS", p .. "e:" .. id) == 1 then
    table.insert(ends, id)
  elseif known then
    redis.call("DEL", p .. "b:" .. id)
    table.insert(ends, redis.call("HGETALL", p .. "e:" .. known))
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
      redis.call("ZADD", p .. "y:" .. ARGV[i + 4], 0, id)
    end
    if ARGV[i + 12] ~= "" then
      table.insert(fields, "bodyBytes")
      table.insert(fields, ARGV[i + 12])
      if ARGV[i + 13] ~= "" then redis.call("RPUSH", p .. "b:" .. id, ARGV[i + 13]) end
      redis.call("PERSIST", p .. "b:" .. id)
    end
    redis.call("HSET", p .. "e:" .. id, unpack(fields))
    enter(entry(id), ARGV[i + 8])
    table.insert(ends, id)
  end
end
return { ends, made }
`

/**
 * ARGV: for each lease: at, id, token, state, dueAt, tries, result, has a result, this call.
 * @returns Of each whether it held, and tickets.
 */
export const CONCLUDE = `
local held = {}
for i = 1, #ARGV, 9 do
  local kept = p .. "e:" .. ARGV[i + 1]
  local e = entry(ARGV[i + 1])
  if e and redis.call("HGET", kept, "call") == ARGV[i + 8] then
    table.insert(held, 1)
  elseif not e or e.state ~= "sending" or redis.call("HGET", kept, "token") ~= ARGV[i + 2] then
    table.insert(held, 0)
  else
    redis.call("HSET", kept, "dueAt", ARGV[i + 4], "tries", ARGV[i + 5], "call", ARGV[i + 8])
    if ARGV[i + 7] == "1" then
      redis.call("HSET", kept, "result", ARGV[i + 6])
    else
      redis.call("HDEL", kept, "result")
    end
    e.due = ARGV[i + 4]
    become(e, ARGV[i + 3], ARGV[i])
    table.insert(held, 1)
  end
end
return { held, made }
`

/**
 * ARGV: at, id, version, state, this call, bytes of the body that lies ready under \`n:CALL\`, or "" to keep it, or "-" to take
 * it away; then pairs of a field and its value. @returns Whether it was done, tickets, and the origin that it had.
 */
export const ALTER = `
local kept, ready = p .. "e:" .. ARGV[2], p .. "n:" .. ARGV[5]
if redis.call("HGET", kept, "call") == ARGV[5] then return { 1, {} } end
local e = entry(ARGV[2])
local lease = tonumber(redis.call("ZSCORE", p .. "leases", ARGV[2]) or 0)
if not e or lease > tonumber(ARGV[1]) or e.version ~= tonumber(ARGV[3]) then
  redis.call("DEL", ready)
  return { 0, {} }
end
leave(e)
for i = 7, #ARGV, 2 do redis.call("HSET", kept, ARGV[i], ARGV[i + 1]) end
if ARGV[6] ~= "" then
  redis.call("DEL", p .. "b:" .. e.id)
  redis.call("HDEL", kept, "bodyBytes")
  if ARGV[6] ~= "-" then redis.call("HSET", kept, "bodyBytes", ARGV[6]) end
  if redis.call("EXISTS", ready) == 1 then
    redis.call("RENAME", ready, p .. "b:" .. e.id)
    redis.call("PERSIST", p .. "b:" .. e.id)
  end
end
if e.key then
  if ARGV[4] ~= "discarded" then
    redis.call("HSETNX", p .. "k", e.key, e.id)
  elseif redis.call("HGET", p .. "k", e.key) == e.id then
    redis.call("HDEL", p .. "k", e.key)
  end
end
redis.call("HSET", kept, "state", ARGV[4], "version", e.version + 1, "changedAt", ARGV[1], "call", ARGV[5])
enter(entry(e.id), ARGV[1])
redis.call("PUBLISH", p .. "changed", e.id)
return { 1, made, e.origin }
`

/** ARGV: changedBefore, most, then states. @returns How many were removed, and tickets. */
export const REMOVE = `
local left = tonumber(ARGV[2])
local oldest = {}
for i = 3, #ARGV do
  local found = redis.call("ZRANGE", p .. "c:" .. ARGV[i], "-inf", "(" .. ARGV[1], "BYSCORE", "LIMIT", 0, left, "WITHSCORES")
  for j = 1, #found, 2 do table.insert(oldest, { found[j], tonumber(found[j + 1]) }) end
end
table.sort(oldest, function(a, b) return a[2] < b[2] end)
local removed = 0
for _, one in ipairs(oldest) do
  if removed == left then break end
  local e = entry(one[1])
  if e and e.state ~= "sending" then
    leave(e)
    redis.call("DEL", p .. "e:" .. e.id, p .. "b:" .. e.id)
    if e.key and redis.call("HGET", p .. "k", e.key) == e.id then redis.call("HDEL", p .. "k", e.key) end
    if e.lane then
      redis.call("ZREM", p .. "y:" .. e.lane, e.id)
      settleLane(e.lane)
    end
    removed = removed + 1
  end
end
return { removed, made }
`
