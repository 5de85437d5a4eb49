import { EgressTooLarge } from './failures.ts'
import type { HopAnswer } from './hop.ts'

/** How much of a body is wanted, and whether more than that is a failure or is left unread. */
export interface Cap {
  readonly maxBytes: number
  readonly whenLarger: 'fail' | 'cut'
}

/** The body as it arrives, never more than the cap; its connection is kept after a whole body only. Throws {@link EgressTooLarge}, or the failure that broke it off. */
export async function* capped(answer: HopAnswer, { maxBytes, whenLarger }: Cap, host: string): AsyncGenerator<Uint8Array, void, undefined> {
  let leftBytes = maxBytes
  let isWhole = false
  try {
    for await (const chunk of chunksOf(answer)) {
      if (chunk.length > leftBytes && whenLarger === 'fail') throw new EgressTooLarge(maxBytes, { host })
      if (chunk.length > leftBytes) {
        if (leftBytes > 0) yield chunk.subarray(0, leftBytes)
        return
      }
      leftBytes -= chunk.length
      yield chunk
    }
    isWhole = true
  } finally {
    if (isWhole) answer.keep()
    else answer.drop()
  }
}

async function* chunksOf({ body, failure }: HopAnswer): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body as AsyncIterable<Uint8Array>
  } catch (error) {
    throw failure(error)
  }
}

/** The whole of a body; its cap bounds the memory. */
export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}
