import { expect, it } from 'vitest'
import { guardedConnector } from '../../src/egress/connector.ts'
import { EgressRefused } from '../../src/egress/failures.ts'
import { countConnections } from './connections.ts'
import { serve } from './place.ts'

/** What the connector answers when an HTTP client asks it for a connection. */
function connected(connect: ReturnType<typeof guardedConnector>, hostname: string, port: number): Promise<unknown> {
  return new Promise((resolve) => {
    connect({ hostname, host: `${hostname}:${port}`, protocol: 'http:', port: String(port) }, (error, socket) => {
      socket?.destroy()
      resolve(error ?? 'connected')
    })
  })
}

it.each(['127.0.0.1', '::1', '10.0.0.1', '169.254.169.254', '::ffff:127.0.0.1', '64:ff9b::7f00:1'])('refuses the address %s by itself: a look-up is never made for it', async (address) => {
  const connect = guardedConnector('none', 1_000, () => Promise.reject(new Error('looked up')))
  const { result, connections } = await countConnections(() => connected(connect, address, 80))
  expect(result).toBeInstanceOf(EgressRefused)
  expect(connections).toBe(0)
})

it('refuses a name when one of its addresses is refused, wherever it stands among them', async () => {
  const connect = guardedConnector('none', 1_000, async () => ['93.184.216.34', '1.1.1.1', '192.168.0.1'].map((address) => ({ address, family: 4 })))
  const { result, connections } = await countConnections(() => connected(connect, 'mixed.test', 80))
  expect(result).toMatchObject({ rule: 'private', address: '192.168.0.1' })
  expect(connections).toBe(0)
})

it('connects to the address that was checked', async () => {
  const place = await serve((_request, response) => response.end())
  const answers = ['127.0.0.1', '10.0.0.1']
  const connect = guardedConnector('loopback', 1_000, async () => [{ address: answers.shift() ?? '10.0.0.1', family: 4 }])
  expect(await connected(connect, 'turns.test', place.port)).toBe('connected')
  expect({ left: answers.length, taken: place.taken() }).toEqual({ left: 1, taken: 1 })
})
