import type { Redis } from 'ioredis'

/** A claim: KEYS meta and lease, ARGV node and milliseconds. The answer is the new token, or nil where another node has the session. */
const CLAIM = `
local owner = redis.call('GET', KEYS[2])
if owner and owner ~= ARGV[1] then return nil end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local token = string.format('%.0f', math.max(tonumber(redis.call('HGET', KEYS[1], 'token') or '0') + 1, now))
redis.call('HSET', KEYS[1], 'token', token, 'claimedAt', string.format('%.0f', now))
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return token
`

/** A renewal: KEYS meta and lease, ARGV node, milliseconds and token. 1 when the session is still ours: whoever claims it changes the token. */
const RENEW = `
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[3] then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return 1
`

/** Gives a session back: KEYS meta and lease, ARGV node and token. */
const RELEASE = `
if redis.call('HGET', KEYS[1], 'token') == ARGV[2] and redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
`

/** A sign of life: KEYS the nodes by the end of their time and by their words, ARGV node, milliseconds and words. The answer is the words of all that live. */
const LIVE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], gone)
  redis.call('HDEL', KEYS[2], gone)
end
return redis.call('HVALS', KEYS[2])
`

/** The scripts of the cluster, on one connection. */
export interface ClusterScripts {
  puenteClaim(meta: string, lease: string, node: string, ttlMs: number): Promise<string | null>
  puenteRenew(meta: string, lease: string, node: string, ttlMs: number, token: string): Promise<number>
  puenteRelease(meta: string, lease: string, node: string, token: string): Promise<null>
  puenteLive(ends: string, words: string, node: string, ttlMs: number, mine: string): Promise<string[]>
}

/** Makes the scripts known to a connection. */
export function clusterScripts(redis: Redis): ClusterScripts {
  redis.defineCommand('puenteClaim', { lua: CLAIM, numberOfKeys: 2 })
  redis.defineCommand('puenteRenew', { lua: RENEW, numberOfKeys: 2 })
  redis.defineCommand('puenteRelease', { lua: RELEASE, numberOfKeys: 2 })
  redis.defineCommand('puenteLive', { lua: LIVE, numberOfKeys: 2 })
  return redis as unknown as ClusterScripts
}
