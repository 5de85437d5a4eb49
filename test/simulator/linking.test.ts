import { afterEach, beforeEach, expect, it } from 'vitest'
import { proto, WA_CERT_DETAILS } from '@whiskeysockets/baileys'
import { verifySignature } from 'libsignal/src/curve.js'
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { openAuthority } from '../../src/simulator/wire/authority.ts'
import { linkClient, makeClient, newState, type Client } from '../support/client.ts'
import { assertNothingUnknown } from '../support/unknown-stanzas.ts'
import { until } from '../support/wait.ts'

const ADA = '15550100001'

let simulator: Simulator
const clients: Client[] = []
const track = (client: Client): Client => {
  clients.push(client)
  return client
}
const qrOf = async (client: Client): Promise<string> =>
  (await client.event('connection.update', (update) => update.qr !== undefined)).qr ?? ''

beforeEach(async () => {
  simulator = await startSimulator({ logger: { info: () => undefined, warn: () => undefined, error: () => undefined } })
})
afterEach(async () => {
  const manifest = simulator.manifest()
  await Promise.all(clients.splice(0).map((client) => client.end()))
  await simulator.close()
  assertNothingUnknown(manifest)
})

it('links an unmodified client by QR, lets it log in and brings it its name and settings key', async () => {
  const client = track(await linkClient(simulator, { phone: ADA, name: 'Ada' }, { browser: ['Front desk', 'Chrome', '1'] }))
  expect(client.closes).toEqual([515])
  expect(client.state.creds.me?.name).toBe('Ada')
  await until(() => client.state.creds.myAppStateKeyId, 'the settings key')
  await client.event('messaging-history.set')
  expect(simulator.manifest().accounts).toMatchObject([
    { phone: ADA, name: 'Ada', devices: [{ id: 1, name: 'Front desk', platform: 'CHROME', online: true }] },
  ])
})

it('signs a certificate chain that its root key verifies', () => {
  const { chain, rootKey, staticPair } = openAuthority(simulator.world.storage)
  expect(simulator.rootKey.equals(rootKey)).toBe(true)
  const { intermediate, leaf } = proto.CertChain.decode(chain)
  const five = (key: Uint8Array): Buffer => Buffer.concat([Buffer.from([5]), key])
  const bytes = (value: Uint8Array | null | undefined): Buffer => Buffer.from(value ?? [])
  const details = proto.CertChain.NoiseCertificate.Details.decode(bytes(intermediate?.details))
  expect(details.issuerSerial).toBe(WA_CERT_DETAILS.SERIAL)
  expect(verifySignature(five(rootKey), bytes(intermediate?.details), bytes(intermediate?.signature))).toBe(true)
  expect(verifySignature(five(bytes(details.key)), bytes(leaf?.details), bytes(leaf?.signature))).toBe(true)
  expect(bytes(proto.CertChain.NoiseCertificate.Details.decode(bytes(leaf?.details)).key).equals(staticPair.public)).toBe(true)
})

it('links many clients to many accounts, new numbers for scanners without one', async () => {
  const linked = await Promise.all(
    ['15550100011', '15550100012', '15550100013'].map((phone) => linkClient(simulator, { phone, name: phone })),
  )
  linked.forEach(track)
  const nameless = track(makeClient(simulator))
  nameless.connect()
  const { account, device } = await simulator.scan(await qrOf(nameless))
  expect(device).toBe(1)
  expect(simulator.manifest().accounts.map(({ phone }) => phone)).toContain(account)
  await until(() => nameless.isOpen, 'the nameless client')
})

it('refuses a QR that nobody shows', async () => {
  await expect(simulator.scan('https://wa.me/settings/linked_devices#2@nothing,a,b,c,1', { phone: ADA })).rejects.toMatchObject({ code: 'QR_UNKNOWN' })
})

it('links by code, after telling the operator of a wrong one', async () => {
  const client = track(makeClient(simulator))
  client.connect()
  await qrOf(client)
  const code = await client.sock.requestPairingCode(ADA)
  await expect(simulator.enterPairingCode('15550100002', code)).rejects.toMatchObject({ code: 'CODE_UNKNOWN' })
  await expect(simulator.enterPairingCode(ADA, code.startsWith('A') ? 'BBBBBBBB' : 'AAAAAAAA')).rejects.toMatchObject({ code: 'CODE_WRONG' })
  expect(await simulator.enterPairingCode(`+${ADA}`, `${code.slice(0, 4)}-${code.slice(4)}`.toLowerCase())).toEqual({ account: ADA, device: 1 })
  await until(() => client.isOpen, 'the linked client')
  expect(client.state.creds.registered).toBe(true)
})

it('forgets an aborted attempt by code, whose credentials are refused', async () => {
  const client = track(makeClient(simulator))
  client.connect()
  await qrOf(client)
  const code = await client.sock.requestPairingCode(ADA)
  await client.sock.end(undefined)
  await until(() => client.closes.length === 1, 'the close')
  await until(() => simulator.enterPairingCode(ADA, code).then(() => false, (error: { code: string }) => error.code === 'CODE_UNKNOWN'))
  client.connect()
  expect(await until(() => client.closes.includes(401), 'the refusal')).toBe(true)
})

it('refuses a login with an unknown key, and one after the device was taken off', async () => {
  const ada = track(await linkClient(simulator, { phone: ADA, name: 'Ada' }))
  const stranger = track(makeClient(simulator, newState()))
  stranger.state.creds.me = { id: `${ADA}:1@s.whatsapp.net`, name: 'x' }
  stranger.connect()
  await until(() => stranger.closes.includes(401), 'the refusal')
  expect(ada.isOpen).toBe(true)
  expect(simulator.unlink(ADA)).toBe(1)
  await until(() => ada.closes.at(-1) === 401, 'the news')
  ada.connect()
  await until(() => ada.closes.filter((code) => code === 401).length === 2, 'the second refusal')
})

it('replaces the older socket of the same credentials', async () => {
  const ada = track(await linkClient(simulator, { phone: ADA, name: 'Ada' }))
  const twin = track(makeClient(simulator, ada.state))
  twin.connect()
  await until(() => ada.closes.at(-1) === 440, 'the replaced socket')
  expect(await until(() => twin.isOpen, 'the newer socket')).toBe(true)
})

it('lets a client log out, and links it again as another device', async () => {
  const ada = track(await linkClient(simulator, { phone: ADA, name: 'Ada' }))
  await ada.sock.logout()
  await until(() => simulator.manifest().accounts[0]?.devices.length === 0, 'the device to go')
  track(await linkClient(simulator, { phone: ADA }))
  expect(simulator.manifest().accounts[0]?.devices.map(({ id }) => id)).toEqual([2])
})

it('honours the routing prefix that a server may have given a client', async () => {
  const ada = track(await linkClient(simulator, { phone: ADA, name: 'Ada' }))
  await ada.sock.end(undefined)
  ada.state.creds.routingInfo = Buffer.from([8, 2, 8, 5])
  ada.connect()
  expect(await until(() => ada.isOpen, 'the login with a prefix')).toBe(true)
})
