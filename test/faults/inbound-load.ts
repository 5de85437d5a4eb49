import { setTimeout as delay } from 'node:timers/promises'
import type { Pace } from './pace.ts'
import type { Random } from './random.ts'
import type { FarSimulator } from './simulator.ts'
import type { Town } from './town.ts'

/** One thing that a session must tell of, once. */
export interface Expected {
  readonly session: string
  /** The phone of the other person, or the group's id. */
  readonly chat: string
  /** What the log must name: `text`, `text (edited)` or `id emoji phone`. */
  readonly token: string
}

const BETWEEN_MS = 12
const EMOJI = ['👍', '🎉', '🙏', '😮']

interface Spoken {
  readonly id: string
  readonly writer: string
  readonly text: string
  readonly chat: string
  readonly sessions: readonly string[]
  readonly isMedia: boolean
}

/** Contacts write, edit and react, one after the other; answers what the sessions must tell, in order. */
export async function speak(simulator: FarSimulator, { sessions, contacts, groups }: Town, count: number, random: Random, pace: Pace): Promise<readonly Expected[]> {
  const expected: Expected[] = []
  const spoken: Spoken[] = []
  const edited = new Set<string>()
  const reacted = new Set<string>()
  const expect = ({ sessions: readers, chat }: Pick<Spoken, 'sessions' | 'chat'>, token: string): void => {
    for (const session of readers) expected.push({ session, chat, token })
  }

  async function write(place: number): Promise<void> {
    const isGroup = random.chance(0.5)
    const group = random.pick(groups)
    const isContact = (phone: string): boolean => !sessions.has(phone)
    const writer = random.pick(isGroup ? group.members.filter(isContact) : contacts)
    const owner = random.pick([...sessions.keys()])
    const text = `in ${String(place).padStart(6, '0')}`
    const isMedia = random.chance(0.12)
    const { id } = await simulator.say(writer, { to: isGroup ? group.id : owner, type: isMedia ? 'image' : 'text', text })
    const readers = isGroup ? group.members.flatMap((phone) => sessions.get(phone) ?? []) : [sessions.get(owner) ?? '']
    const message = { id, writer, text, chat: isGroup ? group.id : writer, sessions: readers, isMedia }
    expect(message, text)
    spoken.push(message)
  }

  async function change(): Promise<boolean> {
    const target = random.pick(spoken.slice(-20))
    if (random.chance(0.5)) {
      if (edited.has(target.id) || target.isMedia) return false
      edited.add(target.id)
      const text = `${target.text} (edited)`
      await simulator.edit(target.writer, target.id, text)
      expect(target, text)
      return true
    }
    if (reacted.has(target.id)) return false
    reacted.add(target.id)
    const emoji = random.pick(EMOJI)
    await simulator.react(target.writer, target.id, emoji)
    expect(target, `${target.id} ${emoji} ${target.writer}`)
    return true
  }

  for (let place = 0; place < count; place += 1) {
    await pace.turn()
    const isChange = spoken.length > 0 && random.chance(0.12)
    if (!isChange || !(await change())) await write(place)
    await delay(random.whole(0, BETWEEN_MS))
  }
  return expected
}
