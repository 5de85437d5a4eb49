import { setTimeout as delay } from 'node:timers/promises'
import { MEDIA_KINDS, type MediaKind } from '../../src/simulator/contents.ts'
import type { Pace } from './pace.ts'
import type { Random } from './random.ts'
import type { FarSimulator } from './simulator.ts'
import type { Town } from './town.ts'

/** One thing that a session must tell of, once. */
export interface Expected {
  readonly session: string
  /** The phone of the other person, or the group's id. */
  readonly chat: string
  /** What the log must name: `text`, `text (edited)`, `id emoji phone`, or `id kind` where there is no text. */
  readonly token: string
}

/** What was said, how often. */
export type Mix = Readonly<Record<'DM' | 'group' | 'media' | 'edits' | 'reactions', number>>

/** All that contacts said. */
export interface Speech {
  /** What the sessions must tell, in order. */
  readonly expected: readonly Expected[]
  readonly mix: Mix
}

const BETWEEN_MS = 6
const EMOJI = ['👍', '🎉', '🙏', '😮']
const MEDIA_SHARE = 0.22
const CHANGE_SHARE = 0.1
/** Of what is said to persons, so much goes to all sessions at the same moment: they share libsignal's queue for the writer. */
const TO_ALL_SHARE = 0.25
/** The kinds that carry no text of their own. */
const WORDLESS: ReadonlySet<MediaKind> = new Set(['videoNote', 'audio', 'voice', 'sticker'])

interface Spoken {
  readonly id: string
  readonly writer: string
  readonly text: string
  readonly chat: string
  readonly sessions: readonly string[]
  readonly isMedia: boolean
}

/** Contacts write, edit and react, one after the other. `onSaid` hears of each thing. */
export async function speak(simulator: FarSimulator, { sessions, contacts, groups }: Town, count: number, random: Random, pace: Pace, onSaid: () => void): Promise<Speech> {
  const expected: Expected[] = []
  const spoken: Spoken[] = []
  const edited = new Set<string>()
  const reacted = new Set<string>()
  const mix = { DM: 0, group: 0, media: 0, edits: 0, reactions: 0 }
  const expect = ({ sessions: readers, chat }: Pick<Spoken, 'sessions' | 'chat'>, token: string): void => {
    for (const session of readers) expected.push({ session, chat, token })
  }

  async function write(place: number): Promise<void> {
    const isGroup = random.chance(0.5)
    const group = random.pick(groups)
    const isContact = (phone: string): boolean => !sessions.has(phone)
    const writer = random.pick(isGroup ? group.members.filter(isContact) : contacts)
    const owners = [...sessions.keys()]
    const text = `in ${String(place).padStart(6, '0')}`
    const kind = random.chance(MEDIA_SHARE) ? random.pick(MEDIA_KINDS) : null
    const places = isGroup ? [group.id] : random.chance(TO_ALL_SHARE) ? owners : [random.pick(owners)]
    const written = await Promise.all(places.map((to) => simulator.say(writer, kind === null ? { to, type: 'text', text } : { to, type: kind, ...(WORDLESS.has(kind) ? {} : { text }) })))
    for (const [which, { id }] of written.entries()) {
      const readers = isGroup ? group.members.flatMap((phone) => sessions.get(phone) ?? []) : [sessions.get(places[which] ?? '') ?? '']
      const message = { id, writer, text, chat: isGroup ? group.id : writer, sessions: readers, isMedia: kind !== null }
      expect(message, kind !== null && WORDLESS.has(kind) ? `${id} ${kind}` : text)
      spoken.push(message)
    }
    mix[kind === null ? (isGroup ? 'group' : 'DM') : 'media'] += 1
  }

  async function change(): Promise<boolean> {
    const target = random.pick(spoken.slice(-20))
    if (random.chance(0.5)) {
      if (edited.has(target.id) || target.isMedia) return false
      edited.add(target.id)
      const text = `${target.text} (edited)`
      await simulator.edit(target.writer, target.id, text)
      expect(target, text)
      mix.edits += 1
      return true
    }
    if (reacted.has(target.id)) return false
    reacted.add(target.id)
    const emoji = random.pick(EMOJI)
    await simulator.react(target.writer, target.id, emoji)
    expect(target, `${target.id} ${emoji} ${target.writer}`)
    mix.reactions += 1
    return true
  }

  for (let place = 0; place < count; place += 1) {
    await pace.turn()
    const isChange = spoken.length > 0 && random.chance(CHANGE_SHARE)
    if (!isChange || !(await change())) await write(place)
    onSaid()
    await delay(random.whole(0, BETWEEN_MS))
  }
  return { expected, mix }
}
