import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { mortalGateway, type Mortal } from '../gateway.ts'
import { seeded, type Random } from '../random.ts'
import { openBook, type Book } from './book.ts'
import { dyingReceiver, type DyingReceiver } from './receiver.ts'

/** The size of a run; the seed makes its choices. */
export interface WebhooksSize {
  readonly seed: number
  readonly sessions: number
  readonly events: number
  /** Of the gateway, and of the endpoint. */
  readonly kills: number
  readonly endpointKills: number
  /** Events a second. */
  readonly rate: number
  /** What divides the schedule, and the time-out. */
  readonly haste: number
  readonly timeoutHaste: number
  /** Where to keep everything; else a folder that goes unless the run fails. */
  readonly dataDir?: string
}

/** What a run found. */
export interface WebhooksResult {
  readonly seed: number
  readonly seconds: number
  readonly attempts: number
  /** Events that never got a 2xx, of those that should, in each ordering. */
  readonly missing: number
  readonly missingStrict: number
  readonly delivered: number
  readonly deliveredStrict: number
  readonly repeated: number
  readonly inversions: number
  readonly chatInversions: number
  readonly unsigned: number
  /** Deliveries that the gateway gave up at the end of the schedule, and that a replay of what failed took up again. */
  readonly givenUp: number
}

const CHAT = '/chat'
const STRICT = '/strict'
/** The strict webhook hears of these, and of the type that every fifth event has. */
const STRICT_SESSIONS = ['session-0', 'session-1']
const MARKED_EVERY = 5
const LOOK_MS = 50
const TELL_MS = 30_000
/** How long nothing moves before it is asked whether something was given up, and until that counts as lost: longer than the widest gap of the schedule, divided. */
const ASK_MS = 15_000
const PATIENCE_MS = 240_000
const MOST_DOWN_MS = 300

/** Plays a run: events flow while both ends die, until everything that must arrive has, or nothing has moved for long. */
export async function runWebhooks(size: WebhooksSize): Promise<WebhooksResult> {
  const from = Date.now()
  const dataDir = size.dataDir ?? mkdtempSync(join(tmpdir(), 'puente-webhooks-'))
  const receiver = await dyingReceiver(join(dataDir, 'book'), { seed: size.seed, fails: 30, hangs: 5 })
  const gateway = mortalGateway({
    dataDir: join(dataDir, 'gateway'), sandbox: 'false', program: 'test/faults/webhooks/program.js',
    env: { WEBHOOK_ALLOW_PRIVATE: 'loopback', LOAD_SESSIONS: String(size.sessions), LOAD_EVENTS: String(size.events), LOAD_RATE: String(size.rate), LOAD_HASTE: String(size.haste), LOAD_TIMEOUT_HASTE: String(size.timeoutHaste) },
  })
  try {
    const book = openBook()
    const givenUp = await play(size, gateway, receiver, book)
    const [expected, expectedStrict] = expectedOf(size)
    const missing = expected - book.delivered(CHAT)
    const missingStrict = expectedStrict - book.delivered(STRICT)
    if (size.dataDir === undefined && missing === 0 && missingStrict === 0) rmSync(dataDir, { recursive: true, force: true })
    else process.stderr.write(`webhooks: seed ${size.seed}, kept in ${dataDir}\n`)
    return {
      seed: size.seed, seconds: Math.round((Date.now() - from) / 1000), attempts: book.attempts(), missing, missingStrict, delivered: book.delivered(CHAT), deliveredStrict: book.delivered(STRICT),
      repeated: book.repeated(), inversions: book.inversions(STRICT), chatInversions: book.chatInversions(CHAT), unsigned: book.unsigned(), givenUp,
    }
  } finally {
    await gateway.kill()
    await receiver.kill()
  }
}

/** How many events each of the two webhooks must get. */
function expectedOf({ sessions, events }: WebhooksSize): readonly [number, number] {
  const quota = Math.floor(events / sessions)
  return [quota * sessions, Math.floor(quota / MARKED_EVERY) * Math.min(sessions, STRICT_SESSIONS.length)]
}

async function play(size: WebhooksSize, gateway: Mortal, receiver: DyingReceiver, book: Book): Promise<number> {
  const random = seeded(size.seed, 'webhooks')
  // The webhooks are there before the first event is.
  await gateway.start({ LOAD_EVENTS: '0' })
  const secretOf = async (path: string, body: object): Promise<[string, string]> => [path, String((await gateway.call('POST', '/webhooks', { url: receiver.url + path, ...body })).body['secret'])]
  const secrets = Object.fromEntries([await secretOf(CHAT, { events: ['message.*'] }), await secretOf(STRICT, { ordering: 'strict', sessions: STRICT_SESSIONS, events: ['message.starred'] })])
  await gateway.stop()
  await receiver.start(secrets)
  await gateway.start()

  const [expected, expectedStrict] = expectedOf(size)
  const gatewayDies = moments(expected, size.kills, random)
  const receiverDies = moments(expected, size.endpointKills, random)
  let told = Date.now()
  let moved = Date.now()
  let last = 0
  let givenUp = 0
  let asked = 0
  while (book.delivered(CHAT) < expected || book.delivered(STRICT) < expectedStrict) {
    await delay(LOOK_MS)
    book.add(receiver.read())
    const now = book.delivered(CHAT) + book.delivered(STRICT)
    if (now > last) [last, moved] = [now, Date.now()]
    if (Date.now() - moved > PATIENCE_MS) break
    if (Date.now() - Math.max(moved, asked) > ASK_MS) {
      asked = Date.now()
      givenUp += await replayFailed(gateway)
    }
    if (Date.now() - told > TELL_MS) {
      told = Date.now()
      process.stderr.write(`  ${book.delivered(CHAT)} of ${expected}, strict ${book.delivered(STRICT)} of ${expectedStrict}, ${book.repeated()} repeated, ${gatewayDies.length} and ${receiverDies.length} kills to come\n`)
    }
    if (isDue(gatewayDies, book)) {
      await gateway.kill()
      await gateway.start()
    }
    if (isDue(receiverDies, book)) {
      await receiver.kill()
      await delay(random.whole(0, MOST_DOWN_MS))
      await receiver.start(secrets)
    }
  }
  await gateway.stop()
  book.add(receiver.read())
  return givenUp
}

/** What failed at every step of the schedule, by the endpoint's chances alone, is asked for again as an operator would. */
async function replayFailed(gateway: Mortal): Promise<number> {
  const { body } = await gateway.call('GET', '/webhooks')
  let count = 0
  for (const { id } of body as unknown as readonly { id: string }[]) {
    const { body: failed } = await gateway.call('GET', `/webhooks/${id}/deliveries?state=failed&limit=200`)
    const found = (failed as unknown as readonly unknown[]).length
    if (found > 0) await gateway.call('POST', `/webhooks/${id}/replay`, { type: 'failed' })
    count += found
  }
  return count
}

/** When something dies: at which counts of delivered events, ascending. */
const moments = (expected: number, count: number, random: Random): number[] => Array.from({ length: count }, () => random.whole(1, Math.max(1, expected - 1))).toSorted((a, b) => a - b)

function isDue(dies: number[], book: Book): boolean {
  const next = dies[0]
  if (next === undefined || book.delivered(CHAT) < next) return false
  dies.shift()
  return true
}
