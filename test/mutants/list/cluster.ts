import { mutant, tests, type Mutant } from '../mutant.ts'

const BARRIER = 'src/whatsapp/guard/frame-barrier.ts'
const UNIT = 'test/whatsapp/guard/frame-barrier.test.ts'
const FAULTS = 'test/store/redis-faults.test.ts'
const SCRIPT = 'src/store/redis/script.ts'

/** What keeps several nodes from writing or speaking for one session. */
export const CLUSTER: readonly Mutant[] = [
  mutant('fence', 'a commit under an old token is refused', SCRIPT, "redis.call('HGET', meta, 'token') ~= ARGV[2] then return 'fenced' end", "redis.call('HGET', meta, 'token') == '' then return 'fenced' end", tests(FAULTS, 'once another node')),
  mutant('commit-version', 'a commit that was drafted on older rows is drafted anew', SCRIPT, "(redis.call('HGET', meta, 'version') or '0') ~= ARGV[1] then return 'moved' end", "(redis.call('HGET', meta, 'version') or '0') == '' then return 'moved' end", tests(FAULTS, 'several nodes')),
  mutant('deadline', 'no frame leaves once another node may have the session', BARRIER, 'wire?.readyState === OPEN && mayReach()', 'wire?.readyState === OPEN', tests(UNIT, 'another node')),
  mutant('idle-deadline', 'nor one that need not wait', BARRIER, 'if (mayReach()) send(data)', 'send(data)', tests(UNIT, 'another node')),
  mutant('patience', 'answers under way are waited for when a session is given back', 'src/webhooks/dispatcher.ts', 'ownership.lease(sessionId) === null ? AbortSignal.abort() : AbortSignal.timeout(HAND_OVER_MS)', 'AbortSignal.abort()', tests('test/e2e/webhooks/closing.test.ts')),
  mutant('live-across', 'what only holds for the moment reaches the streams of every node', 'src/cluster/live.ts', 'told.from !== node', 'told.from === node', tests('test/e2e/cluster/across.test.ts', 'presence')),
  mutant('one-turn', 'a session is not told two things at once', 'src/cluster/cluster.ts', '(telling.get(sessionId) ?? Promise.resolve()).catch(() => undefined)', 'Promise.resolve()', tests('test/cluster/cluster.test.ts', 'one at a time')),
  mutant('old-words', "an old owner's late change of a session's state is not stored", 'src/sessions/registry.ts', 'then(() => work(fence), () => work(fence))', "then(() => work(fenceOf(id) ?? ''), () => work(fenceOf(id) ?? ''))", tests('test/sessions/registry.test.ts', 'another node')),
]
