import { hash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { proto, type BinaryNode, type WAMessage, type WASocket } from '@whiskeysockets/baileys'
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

it('an acknowledged receipt ends one copy of a message, with all its ciphertexts, and none that came again under its id', async () => {
  const store = openMemory()
  const ws = new EventEmitter()
  const socket = { ws, authState: { creds: { me: { id: ME, lid: '' } } } } as unknown as WASocket
  const journal = decryptJournal({ sessionId: 's', store, writes: writeBehind(store, 's', () => undefined), log: pino({ level: 'silent' }), keepNotice: () => undefined, changesOf: async () => [] })
  journal.attach(socket)
  const sealed = [Buffer.from('key of the first'), Buffer.from('words of the first'), Buffer.from('words of the second')] as const
  const hashes = sealed.map((ciphertext) => hash('sha256', ciphertext, 'base64url'))
  const stanza = (...ciphertexts: readonly Uint8Array[]): BinaryNode => ({ tag: 'message', attrs: { id: 'sent twice' }, content: ciphertexts.map((content) => ({ tag: 'enc', attrs: { type: 'skmsg' }, content })) })
  const ack = (type?: string): boolean => ws.emit('CB:ack,class:receipt', { tag: 'ack', attrs: { id: 'sent twice', ...(type === undefined ? {} : { type }) } })
  const left = async (): Promise<(string | undefined)[]> => Promise.all(hashes.map(async (each) => (await store.journal.get('s', each))?.messageId))

  for (const copy of [stanza(sealed[0], sealed[1]), stanza(sealed[2])]) {
    ws.emit('CB:message', copy)
    for (const { content } of copy.content as BinaryNode[]) {
      const ciphertext = content as Uint8Array
      expect(await journal.known(ciphertext)).toBeNull()
      await store.commit('s', [{ kind: 'journal.put', row: { hash: hash('sha256', ciphertext, 'base64url'), messageId: 'sent twice', plaintext: ciphertext, open: null, at: 1 } }])
      journal.tried(ciphertext)
    }
  }
  ack('retry')
  journal.stop()
  expect(await left()).toEqual(['sent twice', 'sent twice', 'sent twice'])
  ack()
  journal.stop()
  expect(await left()).toEqual([undefined, undefined, 'sent twice'])
  expect(Buffer.from((await journal.known(sealed[2])) ?? []).toString()).toBe('words of the second')
  ack('inactive')
  ack()
  journal.stop()
  expect(await left()).toEqual([undefined, undefined, undefined])
})
