import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A request that came in at a receiver. */
export interface Posted {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly atMs: number
  /** What it was answered; null for a connection that was cut. */
  readonly status: number | null
}

/** What a receiver answers; null cuts the connection. */
export type Reply = (posted: Omit<Posted, 'status'>) => number | null | Promise<number | null>

/** An HTTP server that notes what is posted to it. */
export interface Receiver {
  readonly url: string
  readonly posted: readonly Posted[]
  /** How many requests have no answer yet. */
  waiting(): number
  close(): Promise<void>
}

/** Starts a receiver on this machine, closed with the running test. */
export async function startReceiver(reply: Reply = () => 200): Promise<Receiver> {
  const posted: Posted[] = []
  let waiting = 0
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => void answer({ headers: request.headers, body: Buffer.concat(pieces).toString(), atMs: Date.now() }))
    const answer = async (one: Omit<Posted, 'status'>): Promise<void> => {
      waiting += 1
      const status = await reply(one)
      waiting -= 1
      posted.push({ ...one, status })
      if (status === null) request.destroy()
      else response.writeHead(status).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(close)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, posted, waiting: () => waiting, close }
}
