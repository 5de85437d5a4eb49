import type { Redis } from 'ioredis'
import type { Command, Draft, LogStep } from './draft.ts'
import type { GatewayKeys } from './keys.ts'

/**
 * The one write: all of it or nothing. KEYS: the session's meta and log; the gateway's heads, place, places and removed.
 * ARGV: the version that it builds on, the owner's token or '', the session's id, the channel and what is said there, the numbers given out,
 * how many log steps there are, the steps, then the commands, each with how many words it has.
 */
const COMMIT = `
local meta, log, heads, place, places, removed = unpack(KEYS)
if ARGV[2] ~= '' and redis.call('HGET', meta, 'token') ~= ARGV[2] then return 'fenced' end
if (redis.call('HGET', meta, 'version') or '0') ~= ARGV[1] then return 'moved' end
redis.call('HSET', meta, 'version', string.format('%.0f', ARGV[1] + 1), 'numbers', ARGV[6])
local session, at, told = ARGV[3], 8, false
for step = 1, tonumber(ARGV[7]) do
  if ARGV[at] == 'append' then
    local seq, where = ARGV[at + 1], ARGV[at + 3]
    if where == '' then where = string.format('%.0f', redis.call('INCR', place)) else redis.call('SET', place, where) end
    redis.call('XADD', log, seq .. '-0', 'entry', ARGV[at + 2], 'place', where)
    redis.call('XADD', places, where .. '-0', 'session', session, 'seq', seq)
    redis.call('HSET', meta, 'head', seq)
    redis.call('HSET', heads, session, seq)
    told = true
    at = at + 4
  elseif ARGV[at] == 'missing' then
    if tonumber(ARGV[at + 1]) > tonumber(redis.call('GET', removed) or '0') then redis.call('SET', removed, ARGV[at + 1]) end
    at = at + 2
  else
    local upTo, last = ARGV[at + 1], nil
    for _, entry in ipairs(redis.call('XRANGE', log, '-', upTo .. '-0')) do
      last = entry[2][4]
      redis.call('XDEL', places, last .. '-0')
      redis.call('XDEL', log, entry[1])
    end
    if last and tonumber(last) > tonumber(redis.call('GET', removed) or '0') then redis.call('SET', removed, last) end
    at = at + 2
  end
end
while at <= #ARGV do
  local count = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + count))
  at = at + count + 1
end
if told or session == '' then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
return 'written'
`

/**
 * A page of rows in one round trip. KEYS: the sorted set, and the hash of the rows. ARGV: from where downwards, how many, where in a member the row's name begins.
 * The answer has the members and the rows in turn; a row that is gone is ''.
 */
const PAGE = `
local members = redis.call('ZREVRANGEBYLEX', KEYS[1], ARGV[1], '-', 'LIMIT', 0, ARGV[2])
local found = {}
for place, member in ipairs(members) do
  found[2 * place - 1] = member
  found[2 * place] = redis.call('HGET', KEYS[2], string.sub(member, ARGV[3])) or ''
end
return found
`

interface Scripts {
  puenteCommit(keyCount: number, ...words: (string | Uint8Array)[]): Promise<string>
  puentePage(keyCount: number, ...words: string[]): Promise<string[]>
}

/** Makes the scripts known to a connection. */
export function defineScripts(redis: Redis): void {
  redis.defineCommand('puenteCommit', { lua: COMMIT })
  redis.defineCommand('puentePage', { lua: PAGE, readOnly: true })
}

const scriptsOf = (redis: Redis): Scripts => redis as unknown as Scripts

/** What became of a commit: `moved` when somebody else wrote meanwhile, `fenced` when the token is not the owner's any more. */
export type Outcome = 'written' | 'moved' | 'fenced'

const wordsOf = (step: LogStep): string[] => {
  if ('removedUpTo' in step) return ['remove', String(step.removedUpTo)]
  if ('missingUpTo' in step) return ['missing', String(step.missingUpTo)]
  const { id, type, chatId, data, at } = step.entry
  return ['append', String(step.seq), JSON.stringify([id, type, chatId, data, at]), step.place === undefined ? '' : String(step.place)]
}

const countedWords = (command: Command): Command => [String(command.length), ...command]

/** Writes a draft. `said` is what those who listen are told: who wrote, and of which session. */
export async function write(redis: Redis, gateway: GatewayKeys, draft: Draft, token: string, said: string): Promise<Outcome> {
  const { keys, meta, log } = draft
  const names = [keys.meta, keys.log, gateway.heads, gateway.place, gateway.places, gateway.removed]
  const answer = await scriptsOf(redis).puenteCommit(
    names.length, ...names,
    String(meta.version), token, keys.id, gateway.told, said, String(draft.numbers()), String(log.length),
    ...log.flatMap(wordsOf), ...draft.commands().flatMap(countedWords),
  )
  return answer as Outcome
}

/** The last `count` members of a sorted set that come before `before` (all when null), each with its row, or null where that is gone. */
export async function pageOf(redis: Redis, order: string, rows: string, before: string | null, count: number, nameFrom: number): Promise<{ member: string; row: string | null }[]> {
  const found = await scriptsOf(redis).puentePage(2, order, rows, before === null ? '+' : `(${before}`, String(count), String(nameFrom + 1))
  return Array.from({ length: found.length / 2 }, (_, place) => ({ member: found[2 * place] ?? '', row: found[2 * place + 1] || null }))
}
