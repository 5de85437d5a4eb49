import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { monotonicMs } from '../process.ts'

/** An endpoint of a webhook that answers 200 to everything. */
export interface Receiver {
  readonly url: string
  close(): Promise<void>
}

/** Listens on this machine; `heard` gets each body and when the last of it was there, in `monotonicMs` time. What has no signature is answered 401. */
export async function startReceiver(heard: (body: string, atMs: number) => void): Promise<Receiver> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const atMs = monotonicMs()
      const isSigned = String(request.headers['webhook-signature']).startsWith('v1,')
      response.writeHead(isSigned ? 200 : 401).end()
      if (isSigned) heard(Buffer.concat(pieces).toString(), atMs)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
