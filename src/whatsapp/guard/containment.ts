import type { WASocket } from '@whiskeysockets/baileys'

/**
 * Baileys reads frames in an async listener whose rejection nobody handles: one garbage frame would end the process
 * (lib/Socket/socket.js, onMessageReceived). Here the rejection ends that one socket instead.
 */
export function containFrames(socket: WASocket, onFault: (error: Error) => void): void {
  const listeners = socket.ws.listeners('message') as ((data: Buffer) => unknown)[]
  if (listeners.length !== 1) throw new Error('this version of Baileys does not read frames where it is expected to')
  const read = listeners[0] as (data: Buffer) => unknown
  socket.ws.removeAllListeners('message')
  socket.ws.on('message', (data: Buffer) => {
    Promise.resolve(read(data)).catch((error: unknown) => onFault(error instanceof Error ? error : new Error('a frame could not be read')))
  })
}
