import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message, SentMessage } from '../../../schemas/message.ts'
import type { FaultKind } from '../../../src/simulator/faults.ts'
import { problem, startGateway, type Gateway } from '../../support/gateway.ts'
import { until } from '../../support/wait.ts'
import { closeKnown, linkedPair, RECONNECT_MS, SIDE_BY_SIDE_MS, type Pair } from './scene.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => closeKnown(gateway))

/** Sends and waits for the server's ack as long as a caller may. */
const sendAndWait = (pair: Pair, text: string, seconds = 25) =>
  gateway.call<SentMessage>('POST', `${pair.chat}/messages`, { body: { text }, headers: { prefer: `wait=${seconds}` } })
/** How often an armed fault has struck this pair. */
const struck = (pair: Pair, kind: FaultKind): number => gateway.simulator.faults().filter((fault) => fault.kind === kind && fault.account === pair.owner).reduce((sum, fault) => sum + fault.struck, 0)
const find = async (pair: Pair, id: string): Promise<Message | undefined> => (await pair.listed()).find((message) => message.id === id)

describe.concurrent('what comes in', { timeout: SIDE_BY_SIDE_MS }, () => {
  it('a message that cannot be read is asked for again; its content takes the place of the row', async () => {
    const pair = await linkedPair(gateway, 'corrupt')
    await pair.receive('first')
    await pair.lists(['first'])
    gateway.simulator.addFault({ kind: 'corruptCiphertext', account: pair.owner })
    const spoiled = await pair.receive('second')
    await pair.receive('third')
    await until(async () => (await find(pair, spoiled))?.type === 'text', 'the content')
    await until(async () => (await pair.listed()).length === 3, 'the third message')
    const rows = (await pair.listed()).map(({ id, type, text }) => ({ id, type, text }))
    expect(rows.filter(({ id }) => id === spoiled)).toEqual([{ id: spoiled, type: 'text', text: 'second' }])
    expect(new Set(rows.map(({ text }) => text))).toEqual(new Set(['first', 'second', 'third']))
    expect(rows).toHaveLength(3)
    expect(struck(pair, 'corruptCiphertext')).toBe(1)
  })

  it('one that stays unreadable is listed as undecryptable, once, and the next ones come', async () => {
    const pair = await linkedPair(gateway, 'stubborn')
    gateway.simulator.addContact({ phone: pair.contact, answersRetries: false })
    gateway.simulator.addFault({ kind: 'corruptCiphertext', account: pair.owner })
    const spoiled = await pair.receive('never read')
    const next = await pair.receive('read')
    await until(async () => (await find(pair, next))?.text === 'read', 'the next message', RECONNECT_MS)
    await until(() => find(pair, spoiled), 'the row of the unreadable one')
    expect((await pair.listed()).map(({ id }) => id).toSorted()).toEqual([spoiled, next].toSorted())
  })

  it('one that is delivered twice has one row and counts once', async () => {
    const pair = await linkedPair(gateway, 'twice')
    gateway.simulator.addFault({ kind: 'duplicate', account: pair.owner, times: 2 })
    await pair.receive('double')
    await pair.receive('double again')
    await pair.receive('single')
    await pair.lists(['double', 'double again', 'single'])
    const chat = (await gateway.chats(pair.id)).find(({ id }) => id.startsWith(pair.contact))
    expect(chat?.unreadCount).toBe(3)
    expect(struck(pair, 'duplicate')).toBe(2)
  })

  it('one that is held back comes with the next connection, once', async () => {
    const pair = await linkedPair(gateway, 'held')
    gateway.simulator.addFault({ kind: 'offlineQueue', account: pair.owner })
    const held = await pair.receive('held')
    const live = await pair.receive('live')
    await until(() => find(pair, live), 'the live message')
    expect(await find(pair, held)).toBeUndefined()
    gateway.simulator.addFault({ kind: 'drop', account: pair.owner })
    await until(() => find(pair, held), 'the held message', RECONNECT_MS)
    expect((await pair.listed()).map(({ id }) => id).toSorted()).toEqual([held, live].toSorted())
  })

  it('one whose id another person used before changes nothing of theirs', async () => {
    const pair = await linkedPair(gateway, 'same-id')
    const id = await pair.receive('the first')
    const other = '15550300001'
    await gateway.simulator.say(other, { to: pair.owner, type: 'text', text: 'the second', id })
    const theirs = await gateway.message(pair.id, other, ({ text }) => text === 'the second')
    expect(theirs.id).toBe(id)
    await pair.lists(['the first'])
  })

  it('a picture that the media host has lost is listed all the same', async () => {
    const pair = await linkedPair(gateway, 'lost-media')
    gateway.simulator.addFault({ kind: 'mediaGone', times: 0 })
    const { id } = await gateway.simulator.say(pair.contact, { to: pair.owner, type: 'image', text: 'look' })
    const listed = await until(() => find(pair, id), 'the picture')
    expect(listed).toMatchObject({ type: 'image', text: 'look' })
    expect(listed.media?.mimetype).toMatch(/^image\//)
    // History comes as a file of the same host.
    await gateway.simulator.seedHistory(pair.owner, { chats: 40, messagesPerChat: 20 })
    await pair.receive('and on it goes')
    await pair.lists(['look', 'and on it goes'])
    gateway.simulator.clearFaults('mediaGone')
    expect(await gateway.session(pair.id)).toMatchObject({ state: 'open' })
  })
})

describe.concurrent('what goes out', { timeout: SIDE_BY_SIDE_MS }, () => {
  it('422 and failed when WhatsApp refuses the message; the next one goes', async () => {
    const pair = await linkedPair(gateway, 'refused')
    gateway.simulator.addFault({ kind: 'ackError', account: pair.owner, code: 479 })
    const refused = await sendAndWait(pair, 'refused')
    expect(refused.status).toBe(422)
    expect(problem(refused)).toMatchObject({ code: 'MESSAGE_REJECTED' })
    expect(problem(refused).detail).toContain('479')
    expect((await sendAndWait(pair, 'taken')).status).toBe(201)
    const [first, second] = await pair.listed()
    expect(first).toMatchObject({ text: 'refused', state: 'failed', error: expect.stringContaining('479') as string })
    expect(second).toMatchObject({ text: 'taken', error: null })
    expect(pair.arrived()).toEqual(['taken'])
  })

  it('201 only with the ack: a late one within the wait is 201, a later one 202 and then sent', async () => {
    const pair = await linkedPair(gateway, 'late-ack')
    gateway.simulator.addFault({ kind: 'slowAck', account: pair.owner, delayMs: 1000 })
    const start = Date.now()
    expect((await sendAndWait(pair, 'patient')).body).toMatchObject({ status: 'sent' })
    expect(Date.now() - start).toBeGreaterThanOrEqual(900)
    gateway.simulator.addFault({ kind: 'slowAck', account: pair.owner, delayMs: 3000 })
    const early = await sendAndWait(pair, 'in a hurry', 1)
    expect(early.status).toBe(202)
    expect(early.body.status).toBe('queued')
    await pair.delivers(['patient', 'in a hurry'])
  })

  it('never says sent without an ack, and sends again under the same id with the next connection', async () => {
    const pair = await linkedPair(gateway, 'no-ack')
    gateway.simulator.addFault({ kind: 'noAck', account: pair.owner })
    const silent = await sendAndWait(pair, 'unanswered', 1)
    expect(silent.status).toBe(202)
    await until(() => pair.arrived().length === 1, 'the first copy')
    gateway.simulator.addFault({ kind: 'drop', account: pair.owner })
    await until(() => pair.arrivals()[0]?.copies === 2, 'the second copy', RECONNECT_MS)
    expect(pair.arrivals().map(({ id }) => id)).toEqual([silent.body.messageId])
    await until(async () => (await find(pair, silent.body.messageId))?.state !== 'sending', 'the ack')
  })

  it('keys that are missing for a moment: sent after another try, once', async () => {
    const pair = await linkedPair(gateway, 'late-keys')
    gateway.simulator.addFault({ kind: 'missingBundle', account: pair.owner, times: 2 })
    expect((await sendAndWait(pair, 'keys came')).status).toBe(201)
    expect(struck(pair, 'missingBundle')).toBe(2)
    await pair.delivers(['keys came'])
  })

  it('a number that WhatsApp does not know: 422, never sent', async () => {
    const pair = await linkedPair(gateway, 'unknown')
    gateway.simulator.addFault({ kind: 'usyncUnknown', account: pair.owner, times: 2 })
    const answer = await sendAndWait(pair, 'anybody there?')
    expect(answer.status).toBe(422)
    expect(problem(answer)).toMatchObject({ code: 'NOT_ON_WHATSAPP' })
    expect(pair.arrived()).toEqual([])
    // The devices are asked for, and then the registration.
    expect(struck(pair, 'usyncUnknown')).toBe(2)
    expect((await sendAndWait(pair, 'hello')).status).toBe(201)
    expect(pair.arrived()).toEqual(['hello'])
  })
})

// Faults are cleared by kind, so this one has the gateway to itself.
it('a contact whose keys are not there: failed in words, never sent', async () => {
  const pair = await linkedPair(gateway, 'no-keys')
  gateway.simulator.addFault({ kind: 'missingBundle', account: pair.owner, times: 0 })
  const answer = await sendAndWait(pair, 'no keys')
  expect(answer.status).toBe(422)
  expect(problem(answer)).toMatchObject({ code: 'MESSAGE_REJECTED' })
  expect((await pair.listed())[0]).toMatchObject({ state: 'failed' })
  gateway.simulator.clearFaults('missingBundle')
  expect((await sendAndWait(pair, 'keys')).status).toBe(201)
  expect(pair.arrived()).toEqual(['keys'])
})
