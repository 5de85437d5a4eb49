import { EventEmitter } from 'node:events'
import { proto, type WAMessage, type WASocket } from '@whiskeysockets/baileys'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { openMemory } from '../../../src/store/memory.ts'
import { decryptJournal, type Journal } from '../../../src/whatsapp/guard/journal.ts'
import { writeBehind } from '../../../src/whatsapp/guard/write-behind.ts'

const ME = '15550001000@s.whatsapp.net'

/** A notice of the own phone, as it lies in the journal while nobody has processed it. */
const notice = (id: string): Uint8Array =>
  proto.WebMessageInfo.encode({ key: { remoteJid: ME, fromMe: true, id }, messageTimestamp: 1_760_000_000, message: { protocolMessage: { type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION } } }).finish()

it('notices of the own phone that were left open are processed again, in order and once', async () => {
  const store = openMemory()
  for (const [place, id] of ['first', 'second'].entries()) {
    await store.commit('s', [{ kind: 'journal.put', row: { hash: `hash ${id}`, messageId: id, plaintext: new Uint8Array([1]), open: notice(id), at: place } }])
  }
  await store.commit('s', [{ kind: 'journal.put', row: { hash: 'hash of a message', messageId: 'third', plaintext: new Uint8Array([1]), open: null, at: 3 } }])
  const processed: string[] = []
  const socket = {
    ws: new EventEmitter(),
    ev: { flush: () => void processed.push('flushed') },
    upsertMessage: async ({ key, category }: WAMessage, type: string) => void processed.push(`${key.id} ${category} ${type}`),
  } as unknown as WASocket
  const journal = (): Journal => decryptJournal({ sessionId: 's', store, writes: writeBehind(store, 's', () => undefined), log: pino({ level: 'silent' }), keepNotice: () => undefined, changesOf: async () => [] })

  await journal().replay(socket)
  expect(processed).toEqual(['first peer append', 'flushed', 'second peer append', 'flushed'])
  expect(await store.journal.open('s')).toEqual([])
  await journal().replay(socket)
  expect(processed).toHaveLength(4)
})
