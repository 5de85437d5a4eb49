import { describe, expect, it } from 'vitest'
import { MESSAGE_TYPES } from '../../../schemas/message.ts'
import { toDomainEvents } from '../../../src/whatsapp/inbound/index.ts'
import { contextOf, goldenNames, payloadOf, readGolden, toJson, writeGolden } from './golden.ts'

const names = goldenNames()

describe('Baileys events and what they tell', () => {
  for (const name of names) {
    const golden = readGolden(name)
    it(`${name}: ${golden.about}`, () => {
      const events = toJson(toDomainEvents(golden.event, payloadOf(golden), contextOf(golden)))
      if (process.env.UPDATE_GOLDEN === '1') writeGolden(name, golden, events)
      expect(events).toEqual(readGolden(name).events)
    })
  }

  it('shows every kind of message', () => {
    const shown = new Set(names.flatMap((name) => readGolden(name).events).flatMap((event) => typeOf(event)))
    expect(MESSAGE_TYPES.filter((type) => !shown.has(type) && !TOLD_AS_EVENTS.has(type))).toEqual([])
  })
})

/** Kinds that concern another message or the chat: they are events and no rows. */
const TOLD_AS_EVENTS: ReadonlySet<string> = new Set(['pin', 'keep', 'timer'])

function typeOf(event: unknown): string[] {
  const { message } = event as { message?: { type: string } }
  return message ? [message.type] : []
}
