import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a gateway is told of its simulator. */
export interface Told {
  readonly wsUrl: string
  readonly mediaUrl: string
  readonly rootKey: string
}

/** The control address that a gateway is given: it tells of a simulator, with the proxy's address in place of its own. */
export async function startFront(told: Told): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const isManifest = request.method === 'GET' && request.url === '/sandbox'
    response.writeHead(isManifest ? 200 : 404, { 'content-type': 'application/json', connection: 'close' })
    response.end(JSON.stringify(isManifest ? told : {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
