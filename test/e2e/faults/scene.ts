import { expect } from 'vitest'
import type { Message, SentMessage } from '../../../schemas/message.ts'
import type { MessageView } from '../../../src/simulator/verbs/writing.ts'
import type { Answer, Gateway } from '../../support/gateway.ts'
import { until } from '../../support/wait.ts'

/** Longer than the first waits between two attempts, on a busy machine. */
export const RECONNECT_MS = 25_000

/** How long one of several tests may take that share a gateway, and with it one thread, with others. */
export const SIDE_BY_SIDE_MS = 60_000

let last = 0

/** One session of a gateway, its owner's phone, and somebody to write with. */
export interface Pair {
  readonly id: string
  readonly owner: string
  readonly contact: string
  /** The path of the chat with the contact. */
  readonly chat: string
  /** Accepts a text; answers as soon as it is stored. */
  send(text: string): Promise<Answer<SentMessage>>
  /** The contact writes to the owner. */
  receive(text: string): Promise<string>
  /** Texts that the contact's phone decrypted from the owner, in the order of arrival, once for each id. */
  arrived(): (string | null)[]
  /** The same with how often each came. */
  arrivals(): MessageView[]
  /** The chat as the gateway lists it, oldest first. */
  listed(): Promise<readonly Message[]>
  /** Waits until these texts from the contact, and no others with them, are listed in this order. */
  lists(texts: readonly string[]): Promise<void>
  /** Waits until exactly these texts have reached the contact, in this order and each once, and are known as sent. */
  delivers(texts: readonly string[]): Promise<void>
}

const ARRIVED = new Set(['sent', 'delivered', 'read', 'played'])

/** A gateway, or the one of the moment where it is started again. */
type Current = Gateway | (() => Gateway)

/** Phones of their own for one more session of the gateway; nothing is linked yet. */
export function newPair(current: Current, id: string): Pair {
  const now = (): Gateway => (typeof current === 'function' ? current() : current)
  last += 1
  const owner = `1555010${String(last).padStart(4, '0')}`
  const contact = `1555020${String(last).padStart(4, '0')}`
  now().simulator.addContact({ phone: contact, name: `Contact of ${id}` })
  const chat = `/sessions/${id}/chats/${contact}`
  const listed = async (): Promise<readonly Message[]> => (await now().messages(id, contact)).toReversed()
  const arrivals = (): MessageView[] => now().simulator.messagesOf(contact).filter(({ from }) => from === owner)
  return {
    id,
    owner,
    contact,
    chat,
    send: (text) => now().call<SentMessage>('POST', `${chat}/messages`, { body: { text }, headers: { prefer: 'respond-async' } }),
    receive: async (text) => (await now().simulator.say(contact, { to: owner, type: 'text', text })).id,
    arrivals,
    arrived: () => arrivals().map(({ text }) => text),
    listed,
    async lists(texts) {
      const theirs = async (): Promise<(string | null)[]> => (await listed()).filter(({ fromMe }) => !fromMe).map(({ text }) => text)
      await until(async () => (await theirs()).length >= texts.length, `${texts.length} messages of the contact of ${id}`, RECONNECT_MS)
      expect(await theirs()).toEqual(texts)
    },
    async delivers(texts) {
      const ours = async (): Promise<readonly Message[]> => (await listed()).filter(({ fromMe }) => fromMe)
      await until(async () => (await ours()).filter(({ state }) => ARRIVED.has(state ?? '')).length >= texts.length, `${texts.length} sends of ${id}`, RECONNECT_MS)
      await until(() => arrivals().length >= texts.length, `${texts.length} arrivals at the contact of ${id}`)
      expect((await ours()).map(({ text }) => text)).toEqual(texts)
      expect(arrivals().map(({ text, copies }) => ({ text, copies }))).toEqual(texts.map((text) => ({ text, copies: 1 })))
    },
  }
}

/** Links a session of its own and answers it with somebody to write with. */
export async function linkedPair(current: Current, id: string): Promise<Pair> {
  const pair = newPair(current, id)
  await (typeof current === 'function' ? current() : current).link(pair.id, pair.owner)
  return pair
}

/** Closes the gateway; a stanza that its simulator does not know is a failure. */
export async function closeKnown(gateway: Gateway): Promise<void> {
  const { unknownStanzas } = gateway.simulator.manifest()
  await gateway.close()
  if (unknownStanzas.length > 0) throw new Error(`the simulator met stanzas it does not know: ${JSON.stringify(unknownStanzas)}`)
}
