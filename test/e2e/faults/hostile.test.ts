import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BinaryNode } from '../../../src/simulator/stanza/node.ts'
import type { Connection } from '../../../src/simulator/wire/connection.ts'
import { startGateway, type Gateway } from '../../support/gateway.ts'
import { until } from '../../support/wait.ts'
import { closeKnown, linkedPair, RECONNECT_MS, SIDE_BY_SIDE_MS, type Pair } from './scene.ts'

let gateway: Gateway
let calmSince: string
beforeAll(async () => {
  gateway = await startGateway()
  await linkedPair(gateway, 'calm')
  calmSince = (await gateway.session('calm')).stateSince
})
afterAll(() => closeKnown(gateway))

/** The server's end of the session's socket, when it takes messages. */
const wireOf = (pair: Pair): Promise<Connection> =>
  until(() => [...gateway.simulator.world.connections.values()].find((connection) => connection.account.phone === pair.owner && connection.isActive), 'the connection', RECONNECT_MS)

/** A random sequence that its seed repeats. */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
}

const STRANGE_FRAMES = 8
const MAX_FRAME_BYTES = 300

const server = 's.whatsapp.net'
const node = (tag: string, attrs: Record<string, string>, content?: BinaryNode['content']): BinaryNode => ({ tag, attrs, ...(content === undefined ? {} : { content }) })

/** Stanzas that no sane server sends; `them` is the contact's address. */
const strangeStanzas = (them: string): readonly BinaryNode[] => [
  node('message', {}),
  node('message', { from: them, id: 'STRANGE1', type: 'text', t: 'yesterday' }),
  node('message', { from: them, id: 'STRANGE2', type: 'text', t: '1700000000' }, [node('enc', { v: '2', type: 'msg' }, Buffer.from('not a ciphertext'))]),
  node('message', { from: them, id: 'STRANGE3', type: 'text', t: '1700000000' }, [node('enc', { v: '2', type: 'pkmsg' }, Buffer.alloc(0))]),
  node('message', { from: them, id: 'STRANGE4', type: 'text', t: '1700000000' }, [node('enc', { v: '9', type: 'unheard-of' }, Buffer.alloc(40, 3))]),
  node('message', { from: '1@nowhere', id: 'STRANGE5', type: 'text', t: '1700000000' }, [node('enc', { v: '2', type: 'msg' }, Buffer.alloc(40, 3))]),
  node('message', { from: 'group@g.us', participant: 'nobody', id: 'STRANGE6', type: 'text', t: '1700000000' }, [node('enc', { v: '2', type: 'skmsg' }, Buffer.alloc(40, 3))]),
  node('receipt', { from: them, id: 'NEVERSENT', type: 'retry' }),
  node('receipt', { from: them, id: 'NEVERSENT', type: 'read', t: 'never' }),
  node('receipt', {}),
  node('notification', { from: server, id: 'N1', type: 'unheard-of' }),
  node('notification', { from: 'group@g.us', id: 'N2', type: 'w:gp2' }, [node('create', {})]),
  node('notification', { from: them, id: 'N3', type: 'encrypt' }),
  node('notification', { from: server, id: 'N4', type: 'server_sync' }, [node('collection', { name: 'unheard_of', version: 'x' })]),
  node('call', { from: them, id: 'C1', t: '1700000000' }, [node('unheard-of', {})]),
  node('presence', {}),
  node('chatstate', { from: them }),
  node('ack', { class: 'message', id: 'NEVERSENT', from: them, error: '999' }),
  node('iq', { from: server, id: 'I1', type: 'set', xmlns: 'unheard-of' }),
  node('ib', { from: server }, [node('unheard-of', {})]),
  node('success', { t: 'now' }),
  node('unheard-of', { id: 'U1' }, Buffer.alloc(20, 1)),
]

/** The session talks, both ways. */
async function works(pair: Pair, word: string): Promise<void> {
  const id = await pair.receive(`theirs ${word}`)
  await until(async () => (await pair.listed()).some((message) => message.id === id && message.type === 'text'), 'their message', RECONNECT_MS)
  const sent = await gateway.call('POST', `${pair.chat}/messages`, { body: { text: `mine ${word}` }, headers: { prefer: 'wait=25' } })
  expect([201, 202]).toContain(sent.status)
  await until(() => pair.arrived().includes(`mine ${word}`), 'our message', RECONNECT_MS)
}

describe.concurrent('a server that is not sane', { timeout: SIDE_BY_SIDE_MS }, () => {
  it('random bytes in a frame that decrypts: the session comes back each time', async () => {
    const seed = Date.now() & 0x7fffffff
    process.stderr.write(`hostile frames, seed ${seed}\n`)
    const random = sequence(seed)
    const pair = await linkedPair(gateway, 'frames')
    for (let round = 0; round < STRANGE_FRAMES; round += 1) {
      const wire = await wireOf(pair)
      wire.sendBytes(Buffer.from(Array.from({ length: 1 + Math.floor(random() * MAX_FRAME_BYTES) }, () => Math.floor(random() * 256))))
      await works(pair, String(round))
    }
    const written = Array.from({ length: STRANGE_FRAMES }, (_, round) => [`theirs ${round}`, `mine ${round}`]).flat()
    expect((await pair.listed()).map(({ text }) => text)).toEqual(written)
  })

  it('stanzas that make no sense: nothing stops, nothing is listed that was not written', async () => {
    const pair = await linkedPair(gateway, 'stanzas')
    await works(pair, 'before')
    const contact = gateway.simulator.world.accounts.byPhone(pair.contact)
    const them = contact ? gateway.simulator.world.accounts.lidOf(contact) : ''
    for (const stanza of strangeStanzas(them)) (await wireOf(pair)).send(stanza)
    await works(pair, 'after')
    const texts = (await pair.listed()).filter(({ type }) => type === 'text').map(({ text }) => text)
    expect(texts).toEqual(['theirs before', 'mine before', 'theirs after', 'mine after'])
    expect((await pair.listed()).filter(({ type }) => type !== 'text').every(({ id, type }) => id.startsWith('STRANGE') && type === 'undecryptable')).toBe(true)
  })
})

it('left the session next to all this alone', async () => {
  expect(await gateway.session('calm')).toMatchObject({ state: 'open', stateSince: calmSince })
})
