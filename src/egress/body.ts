import type { Readable } from 'node:stream'
import { EgressTooLarge } from './failures.ts'

/** How much of a body is wanted, and whether more than that is a failure or is left unread. */
export interface Cap {
  readonly maxBytes: number
  readonly whenLarger: 'fail' | 'cut'
}

/** The body as it arrives, never more than the cap. The source is gone when the reading ends, however it ends. Throws {@link EgressTooLarge}. */
export async function* capped(source: Readable, { maxBytes, whenLarger }: Cap, host: string): AsyncGenerator<Uint8Array, void, undefined> {
  let leftBytes = maxBytes
  for await (const chunk of source as AsyncIterable<Uint8Array>) {
    if (chunk.length > leftBytes && whenLarger === 'fail') throw new EgressTooLarge(maxBytes, { host })
    if (chunk.length > leftBytes) {
      if (leftBytes > 0) yield chunk.subarray(0, leftBytes)
      return
    }
    leftBytes -= chunk.length
    yield chunk
  }
}

/** The whole of a body; its cap bounds the memory. */
export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Lets go of a body that nobody reads. */
export function drop(source: Readable): void {
  source.on('error', () => undefined).destroy()
}
