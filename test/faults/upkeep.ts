import type { Mortal } from './gateway.ts'
import type { Random } from './random.ts'
import { type Stage } from './stage.ts'
import { storedPreKeys } from './store/device.ts'
import { crashPoint } from './strike.ts'
import { until } from './until.ts'

/** A linked session and its owner's phone. */
export interface Owned {
  readonly id: string
  readonly phone: string
}

const OPEN_MS = 60_000
/** How long the gateway may take to come to the end that was chosen for it. */
const DIES_MS = 3000
/** The commits or frames of a refill, or of a notice of the own phone, within which it dies. */
const MOST_OF_A_REFILL = 4
const MOST_OF_A_NOTICE = 6
const SETTLED_MS = 30_000
const SEEDED = { chats: 3, messagesPerChat: 4 }

/** Lets the server run out of a session's pre-keys, and kills the gateway around the refill. Answers how often it died by itself. */
export async function killRefills({ gateway, simulator }: Stage, owned: readonly Owned[], kills: number, random: Random): Promise<number> {
  let died = 0
  for (let kill = 0; kill < kills; kill += 1) {
    const { phone } = random.pick(owned)
    await gateway.kill()
    await gateway.start({ FAULTS_CRASH: crashPoint(random, MOST_OF_A_REFILL, 'prekey') }).catch(() => undefined)
    // It may die at its login already: what an earlier kill left undone is done then.
    if (await opens(gateway, owned)) await simulator.drainPreKeys(phone)
    died += await comesBack({ gateway }, owned)
  }
  return died
}

/** Brings history to a session, and kills the gateway around its notices. Answers how often it died by itself, and whose history is not there in the end. */
export async function killHistories(stage: Stage, owned: readonly Owned[], kills: number, random: Random): Promise<{ readonly died: number; readonly lost: readonly string[] }> {
  const { gateway, simulator } = stage
  const lost: string[] = []
  let died = 0
  for (let kill = 0; kill < kills; kill += 1) {
    const { id, phone } = random.pick(owned)
    await gateway.kill()
    await gateway.start({ FAULTS_CRASH: crashPoint(random, MOST_OF_A_NOTICE, 'peer') }).catch(() => undefined)
    if (!(await opens(gateway, owned))) {
      await gateway.kill()
      await gateway.start()
      await gateway.allOpen(owned.map((each) => each.id), OPEN_MS)
    }
    const before = await chatCount(stage, id)
    await simulator.seedHistory(phone, SEEDED)
    died += await comesBack(stage, owned)
    const after = await until(async () => {
      const value = await chatCount(stage, id).catch(() => 0)
      return { value, done: value >= before + SEEDED.chats }
    }, SETTLED_MS)
    if (after < before + SEEDED.chats) lost.push(`${id}: ${after} chats, ${before} before`)
  }
  return { died, lost }
}

/** True once all are open, false when the gateway dies before. */
const opens = (gateway: Mortal, owned: readonly Owned[]): Promise<boolean> =>
  Promise.race([gateway.allOpen(owned.map(({ id }) => id), OPEN_MS).then(() => true, () => false), gateway.gone(OPEN_MS).then(() => false)])

/** Waits for the end that was chosen, and starts again. */
async function comesBack({ gateway }: Pick<Stage, 'gateway'>, owned: readonly Owned[]): Promise<number> {
  await gateway.gone(DIES_MS)
  const died = gateway.isGone() ? 1 : 0
  await gateway.kill()
  await gateway.start()
  await gateway.allOpen(owned.map(({ id }) => id), OPEN_MS)
  return died
}

async function chatCount({ gateway }: Stage, id: string): Promise<number> {
  const { body } = await gateway.call('GET', `/sessions/${id}/chats?limit=200`)
  return Array.isArray(body) ? body.length : 0
}

/** The pre-keys that the server would hand out and nobody could answer to: their private halves are not stored. */
export async function orphanedPreKeys({ simulator, store }: Stage, owned: readonly Owned[]): Promise<string[]> {
  const orphans: string[] = []
  for (const { id, phone } of owned) {
    const stored = await storedPreKeys(store, id)
    orphans.push(...(await simulator.preKeysOf(phone)).filter((key) => !stored.has(key)).map((key) => `${id} ${key}`))
  }
  return orphans
}

/** Each owner names a contact on the phone: a session that lost its settings key never learns the name. Answers those that did not. */
export async function deafToSettings({ gateway, simulator }: Stage, owned: readonly Owned[], contact: string): Promise<string[]> {
  for (const { id, phone } of owned) await simulator.changeChat(phone, { chat: contact, contactName: `Name for ${id}` })
  const deaf = await until(async () => {
    const answers = await Promise.all(owned.map(async ({ id }) => ({ id, name: (await gateway.call('GET', `/sessions/${id}/chats/${contact}/contact`)).body['name'] })))
    const value = answers.filter(({ id, name }) => name !== `Name for ${id}`)
    return { value, done: value.length === 0 }
  }, SETTLED_MS, 500)
  return deaf.map(({ id, name }) => `${id}: ${String(name)}`)
}

/** A message each way for every session. Answers what was not there in the end. */
export async function unheard({ gateway, simulator }: Stage, owned: readonly Owned[], contact: string): Promise<string[]> {
  const silent: string[] = []
  for (const { id, phone } of owned) {
    await simulator.say(contact, { to: phone, type: 'text', text: `to ${id}` })
    const { status } = await gateway.call('POST', `/sessions/${id}/chats/${contact}/messages`, { text: `from ${id}` }, { prefer: 'wait=25' })
    if (status !== 201) silent.push(`from ${id}: ${status}`)
  }
  const missing = await until(async () => {
    const got = new Set((await simulator.messagesOf(contact)).map(({ text }) => text))
    const told = await Promise.all(owned.map(async ({ id }) => {
      const { body } = await gateway.call('GET', `/sessions/${id}/chats/${contact}/messages`)
      return Array.isArray(body) && (body as { text: string | null }[]).some(({ text }) => text === `to ${id}`) ? [] : [`to ${id}`]
    }))
    const value = [...told.flat(), ...owned.flatMap(({ id }) => (got.has(`from ${id}`) ? [] : [`from ${id}`]))]
    return { value, done: value.length === 0 }
  }, SETTLED_MS, 500)
  return [...silent, ...missing]
}
