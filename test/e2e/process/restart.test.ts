import { afterEach, expect, it } from 'vitest'
import type { Contact } from '../../../schemas/contact.ts'
import type { Session, SessionStart } from '../../../schemas/session.ts'
import { startGateway, type Gateway } from '../../support/gateway.ts'
import { openLeft } from '../../support/left-store.ts'
import { assertNothingUnknown } from '../../support/unknown-stanzas.ts'
import { until } from '../../support/wait.ts'
import { linkedPair, newPair, RECONNECT_MS } from '../faults/scene.ts'

let gateway: Gateway
const now = (): Gateway => gateway
afterEach(async () => {
  const manifest = gateway.simulator.manifest()
  await gateway.close()
  assertNothingUnknown(manifest)
})

/** Closes the gateway, with the small WhatsApp inside, and starts both again on the same data. */
async function restart(): Promise<void> {
  assertNothingUnknown(gateway.simulator.manifest())
  await gateway.stop()
  gateway = await startGateway({}, gateway.dataDir)
}

const isConnected = (owner: string): boolean =>
  gateway.simulator.manifest().accounts.find(({ phone }) => phone === owner)?.devices.some((device) => device.online) ?? false

/** Follows a session until it is open; says what it claimed on the way. Fails where it claims a connection that is not there. */
async function followUntilOpen(id: string, owner: string): Promise<readonly Session[]> {
  const seen: Session[] = []
  await until(async () => {
    const before = isConnected(owner)
    const session = await gateway.session(id)
    if (session.state !== seen.at(-1)?.state) seen.push(session)
    if (session.isLoggedIn !== (session.state === 'open')) throw new Error(`${id} is ${session.state} and isLoggedIn ${session.isLoggedIn}`)
    if (session.isLoggedIn && !before && !isConnected(owner)) throw new Error(`${id} claims a connection that is not there`)
    return session.state === 'open'
  }, `session ${id} to be open`, RECONNECT_MS)
  return seen
}

it('linked sessions resume by themselves, all that was stored is there, stopped ones stay stopped', async () => {
  gateway = await startGateway()
  const [ada, eva] = [await linkedPair(now, 'ada'), await linkedPair(now, 'eva')]
  const idle = await linkedPair(now, 'idle')
  await gateway.call('POST', '/sessions/idle/stop')
  const never = await gateway.call<SessionStart>('POST', '/sessions/never')
  expect(never.body.status).toBe('qr')
  const group = gateway.simulator.createGroup({ subject: 'Neighbours', participants: [ada.contact, ada.owner, eva.owner] })
  await gateway.simulator.say(ada.contact, { to: group.id, type: 'text', text: 'hello neighbours' })
  await gateway.message('ada', group.id, ({ text }) => text === 'hello neighbours')
  await gateway.message('eva', group.id, ({ text }) => text === 'hello neighbours')
  await ada.receive('theirs')
  await ada.lists(['theirs'])
  await ada.send('mine')
  await ada.delivers(['mine'])
  // The contact's receipts settle before the picture is taken.
  await until(async () => (await ada.listed()).every(({ fromMe, state }) => !fromMe || state === 'delivered'), 'the receipt')
  const picture = async () => ({
    chats: await gateway.chats('ada'),
    messages: await gateway.messages('ada', ada.contact),
    group: await gateway.messages('ada', group.id),
    contact: (await gateway.call<Contact>('GET', `${ada.chat}/contact`)).body,
    sessions: (await gateway.call<Session[]>('GET', '/sessions')).body.map(({ id, linked, user, createdAt }) => ({ id, linked, user, createdAt })),
  })
  const before = await picture()
  expect(before.chats.find(({ id }) => id === group.id)).toMatchObject({ name: 'Neighbours', isGroup: true })
  expect(before.contact).toMatchObject({ name: 'Contact of ada' })

  await restart()
  const [adaSeen] = await Promise.all([followUntilOpen('ada', ada.owner), followUntilOpen('eva', eva.owner)])
  expect(adaSeen.map(({ state }) => state)).not.toContain('qr')
  expect(adaSeen.every(({ linked, user }) => linked && user !== null)).toBe(true)
  expect(await picture()).toEqual(before)
  expect(await gateway.session('never')).toMatchObject({ state: 'stopped', linked: false, isLoggedIn: false, reason: 'the gateway was restarted' })
  expect(await gateway.session('idle')).toMatchObject({ state: 'stopped', linked: true, isLoggedIn: false, reason: 'stopped by the API' })
  expect(isConnected(idle.owner)).toBe(false)
  expect((await gateway.call<SessionStart>('POST', '/sessions/idle')).body).toMatchObject({ status: 'already_logged_in', qr: null })

  await gateway.simulator.say(ada.contact, { to: group.id, type: 'text', text: 'still here?' })
  await gateway.message('eva', group.id, ({ text }) => text === 'still here?')
  await ada.receive('theirs again')
  await ada.lists(['theirs', 'theirs again'])
  await ada.send('mine again')
  await ada.delivers(['mine', 'mine again'])
})

it('sends that were queued go out after the restart, in order and once', async () => {
  gateway = await startGateway()
  const pair = await linkedPair(now, 'queued')
  gateway.simulator.addFault({ kind: 'failure', code: 503, account: pair.owner, times: 0 })
  gateway.simulator.addFault({ kind: 'drop', account: pair.owner })
  await gateway.state('queued', 'reconnecting')
  const texts = Array.from({ length: 20 }, (_, place) => `queued ${place}`)
  for (const text of texts) expect((await pair.send(text)).body.status).toBe('queued')
  expect(pair.arrived()).toEqual([])

  await restart()
  await followUntilOpen('queued', pair.owner)
  await pair.delivers(texts)
  await restart()
  await followUntilOpen('queued', pair.owner)
  await pair.send('last')
  await pair.delivers([...texts, 'last'])
})

it('a restart between the scan and the login loses no link', async () => {
  gateway = await startGateway()
  const pair = newPair(now, 'linking')
  await gateway.call('POST', '/sessions/linking')
  const { body: { qr } } = await gateway.call<{ qr: string }>('GET', '/sessions/linking/qr')
  await gateway.simulator.scan(qr, { phone: pair.owner })
  await gateway.stop()
  // As a crash leaves it that strikes when the credentials are stored and the new state is not.
  const store = await openLeft(gateway.dataDir)
  const row = await store.sessions.get('linking')
  if (row) await store.commit('linking', [{ kind: 'session.put', session: { ...row, state: 'qr', linked: false, user: null } }])
  await store.close()
  gateway = await startGateway({}, gateway.dataDir)
  await gateway.state('linking', 'open')
  await pair.receive('hello')
  await pair.lists(['hello'])
  expect(gateway.simulator.manifest().accounts.find(({ phone }) => phone === pair.owner)?.devices).toHaveLength(1)
})
