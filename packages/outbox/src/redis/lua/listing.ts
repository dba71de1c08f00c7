/**
 * Entries, the last first. ARGV: how many are looked at, the id after which they begin or "", an origin or "", has an ordering
 * key, the ordering key, then states.
 * @returns How many were looked at, the last of them, and the entries that are wanted, each as its fields and their values.
 */
export const LIST = `
local most = tonumber(ARGV[1])
local from = ARGV[2] == "" and "+" or "(" .. ARGV[2]
local wanted, ids, found = {}, {}, {}
local function add(list)
  for _, id in ipairs(redis.call("ZRANGE", p .. list, from, "-", "BYLEX", "REV", "LIMIT", 0, most)) do table.insert(ids, id) end
end
for i = 6, #ARGV do wanted[ARGV[i]] = true end
if ARGV[4] == "1" then
  add("y:" .. ARGV[5])
else
  for state in pairs(wanted) do add("l:" .. state .. (ARGV[3] == "" and "" or " " .. ARGV[3])) end
  table.sort(ids, function(a, b) return a > b end)
end
local looked = math.min(#ids, most)
for i = 1, looked do
  local e = entry(ids[i])
  if e and wanted[e.state] and (ARGV[3] == "" or ARGV[3] == e.origin) then
    table.insert(found, redis.call("HGETALL", p .. "e:" .. e.id))
  end
end
return { looked, ids[looked] or "", found }
`
