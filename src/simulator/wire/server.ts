import { createServer, STATUS_CODES } from 'node:http'
import { WebSocketServer } from 'ws'
import type { Linking } from '../linking/linking.ts'
import type { World } from '../world/world.ts'
import type { Authority } from './authority.ts'
import { logIn } from './login.ts'
import { acceptSocket } from './wire.ts'

/** The listening WebSocket server. */
export type WireServer = { url: string; close(): Promise<void> }

const DEFAULT_HTTP_ERROR = 503
const PATH = '/ws/chat'
const MAX_PAYLOAD_BYTES = 2 ** 25

/** Listens for clients; each socket is linked or logged in by what its handshake says. */
export const startServer = async (
  world: World,
  linking: Linking,
  authority: Authority,
  listen: { host: string; port: number },
): Promise<WireServer> => {
  const http = createServer((_request, response) => response.writeHead(404).end())
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false })
  http.on('upgrade', (request, socket, head) => {
    const fault = world.faults.take('httpError')
    if (fault) {
      const code = fault.code ?? DEFAULT_HTTP_ERROR
      socket.end(`HTTP/1.1 ${code} ${STATUS_CODES[code] ?? 'Error'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      acceptSocket(client, { authority, storage: world.storage, logger: world.logger }, (wire) =>
        wire.hello.payload.devicePairingData ? linking.open(wire) : logIn(world, wire),
      )
    })
  })
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(listen.port, listen.host, resolve)
  })
  const address = http.address()
  const port = typeof address === 'object' && address ? address.port : listen.port
  return {
    url: `ws://${listen.host}:${port}${PATH}`,
    close: async () => {
      for (const client of sockets.clients) client.terminate()
      sockets.close()
      http.closeAllConnections()
      await new Promise<void>((resolve) => http.close(() => resolve()))
    },
  }
}
