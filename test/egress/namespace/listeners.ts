import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { once } from 'node:events'
import type { Server, Socket } from 'node:net'

/** Real listeners on every address of the namespace, which is every address there is. */
export interface Listeners {
  /** The addresses that connections were accepted at since the last call, IPv4 ones in dots. */
  reachedAt(): string[]
  close(): void
}

const answer: RequestListener = (request, response) => {
  const asked = new URL(request.url ?? '/', 'http://here')
  const to = asked.searchParams.get('to')
  if (to === null) response.end(request.headers.host)
  else response.writeHead(Number(asked.searchParams.get('status')), { location: to }).end()
}

/** Listens for HTTP on these ports, and for HTTPS on others. */
export async function listen(ports: readonly number[], tlsPorts: readonly number[], credentials: { readonly key: string; readonly cert: string }): Promise<Listeners> {
  let reached: string[] = []
  const open = new Set<Socket>()
  const servers: Server[] = [...ports.map(() => createServer(answer)), ...tlsPorts.map(() => createTlsServer(credentials, answer))]
  for (const [index, server] of servers.entries()) {
    server.on('connection', (socket: Socket) => {
      open.add(socket)
      socket.on('error', () => undefined).on('close', () => open.delete(socket))
      reached.push((socket.localAddress ?? '').replace(/^::ffff:(?=\d+\.)/, ''))
    })
    server.listen([...ports, ...tlsPorts][index], '::')
    await once(server, 'listening')
  }
  return {
    reachedAt() {
      const since = reached
      reached = []
      return since
    },
    close() {
      for (const socket of open) socket.destroy()
      for (const server of servers) server.close()
    },
  }
}

/** How many TCP connections were begun in this namespace, by the kernel's own count: also those that nobody accepted. */
export function connectionsBegun(): number {
  const [names = '', values = ''] = readFileSync('/proc/net/snmp', 'utf8').split('\n').filter((line) => line.startsWith('Tcp:'))
  return Number(values.split(' ')[names.split(' ').indexOf('ActiveOpens')])
}
