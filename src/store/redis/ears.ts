import type { Redis } from 'ioredis'

/** Hears what is published on one channel, on a connection of its own that tries again by itself; `back` is called each time it is there. The answer ends it. */
export async function hearChannel(redis: Redis, channel: string, heard: (said: string) => void, back: () => void = () => undefined): Promise<() => void> {
  const ears = redis.duplicate({ enableAutoPipelining: false })
  // Errors show where they are waited for.
  ears.on('error', () => undefined)
  ears.on('message', (_channel: string, said: string) => heard(said))
  try {
    await ears.connect()
    await ears.subscribe(channel)
  } catch (error) {
    ears.disconnect()
    throw error
  }
  ears.on('ready', back)
  return () => ears.disconnect()
}
