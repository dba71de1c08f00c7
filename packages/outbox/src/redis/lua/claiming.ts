/**
 * Gives up leases that have ended, a hundred at a time, and takes those whose lifetime has ended.
 * ARGV: at, leaseUntil, most, token, how many origins.
 * @returns Entries, the tickets that are needed, the first origins of which something is due, when the next is due or nil.
 */
export const LOOK = `
for _, id in ipairs(redis.call("ZRANGE", p .. "leases", "-inf", ARGV[1], "BYSCORE", "LIMIT", 0, 100)) do
  local e = entry(id)
  if e then become(e, "waiting", ARGV[1]) else redis.call("ZREM", p .. "leases", id) end
end
local taken = {}
for _, id in ipairs(redis.call("ZRANGE", p .. "x", "-inf", ARGV[1], "BYSCORE", "LIMIT", 0, ARGV[3])) do
  table.insert(taken, lend(entry(id), ARGV[4], ARGV[2], ARGV[1]))
end
return { taken, made, origins(ARGV[1], 0, ARGV[5]), nextAt() }
`

/** ARGV: at, after how many, how many. @returns Further origins of which something is due: name, how much, since when. */
export const ORIGINS = `
return origins(ARGV[1], ARGV[2], ARGV[3])
`

/**
 * For each ticket of an origin takes the entry of the ticket's priority that was due first: it need not be the one that the
 * ticket was made for, as each has a ticket of its own. A ticket of priority "" is for any.
 * ARGV: at, leaseUntil, token, origin, then priorities.
 * @returns Entries, tickets for those that are not due by this clock, when the next is due or nil.
 */
export const TAKE = `
local taken = {}
for i = 5, #ARGV do
  local list = p .. "d:" .. (ARGV[i] == "" and "" or ARGV[i] .. " ") .. ARGV[4]
  local found = redis.call("ZRANGE", list, 0, 0, "WITHSCORES")
  if found[1] then
    if tonumber(found[2]) <= tonumber(ARGV[1]) then
      table.insert(taken, lend(entry(found[1]), ARGV[3], ARGV[2], ARGV[1]))
    else
      ticket(entry(found[1]))
    end
  end
end
return { taken, made, nextAt() }
`

/** ARGV: origin, since when they are due. @returns Tickets for a hundred of the origin's entries that were to be taken long ago. */
export const OVERDUE = `
for _, id in ipairs(redis.call("ZRANGE", p .. "d:" .. ARGV[1], "-inf", ARGV[2], "BYSCORE", "LIMIT", 0, 100)) do
  ticket(entry(id))
end
return made
`

/** ARGV: until, then id and token of each lease. @returns The tokens of those that are lost, and their ids, in turn. */
export const RENEW = `
local lost = {}
for i = 2, #ARGV, 2 do
  local kept = redis.call("HMGET", p .. "e:" .. ARGV[i], "state", "token")
  if kept[1] == "sending" and kept[2] == ARGV[i + 1] then
    redis.call("ZADD", p .. "leases", ARGV[1], ARGV[i])
  else
    table.insert(lost, ARGV[i])
    table.insert(lost, ARGV[i + 1])
  end
end
return lost
`
