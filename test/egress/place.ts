import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createRawServer, isIP, type AddressInfo, type Server as RawServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { Resolve } from '../../src/egress/connector.ts'
import { openEgress, type Egress, type EgressOptions } from '../../src/egress/egress.ts'

/** A server of the running test's own, on this machine. */
export interface Place {
  readonly origin: string
  readonly port: number
  /** Connections it ever took, and those that are open. */
  taken(): number
  open(): number
}

async function listen(server: Server | RawServer): Promise<Place> {
  const sockets = new Set<Socket>()
  let taken = 0
  server.on('connection', (socket: Socket) => {
    taken++
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, port, taken: () => taken, open: () => sockets.size }
}

/** Serves HTTP until the test ends. */
export const serve = (listener: RequestListener): Promise<Place> => listen(createServer(listener))

/** Serves whatever the listener does with a socket until the test ends. */
export const serveRaw = (listener: (socket: Socket) => void): Promise<Place> => listen(createRawServer(listener))

/** Opens a way out that may reach this machine, until the test ends. */
export function openHere(options: Partial<EgressOptions> = {}): Egress {
  const egress = openEgress({ privateTargets: 'loopback', ...options })
  onTestFinished(() => egress.close())
  return egress
}

/** A resolver that knows these names, and what it was asked. */
export function resolver(names: Readonly<Record<string, readonly string[]>>): { resolve: Resolve; asked: string[] } {
  const asked: string[] = []
  const resolve: Resolve = async (hostname) => {
    asked.push(hostname)
    const found = names[hostname]
    if (found === undefined) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' })
    return found.map((address) => ({ address, family: isIP(address) }))
  }
  return { resolve, asked }
}

/** All that a request brought. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string
  return text
}
