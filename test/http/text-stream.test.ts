import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { textStream, type TextStreamParts } from '../../src/http/text-stream.ts'
import { until } from '../support/wait.ts'

const PIECE = 'x'.repeat(64 * 1024)

/** Serves one stream over a real socket. */
async function serve(parts: Pick<TextStreamParts, 'source'> & { readonly slowReaderMs?: number }): Promise<{ answer: IncomingMessage; sink: ServerResponse; closing: AbortController }> {
  const closing = new AbortController()
  let sink: ServerResponse | undefined
  const server = createServer((_request, response) => {
    sink = response
    // As Fastify does it.
    textStream({ ...parts, sink: response, closing: closing.signal }).on('error', () => response.destroy()).pipe(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const request = get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, agent: false })
  request.on('error', () => undefined)
  onTestFinished(() => {
    request.destroy()
    server.close()
  })
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  answer.on('error', () => undefined)
  if (sink === undefined) throw new Error('nothing was asked')
  return { answer, sink, closing }
}

describe('a stream of text', () => {
  it('asks its source for no more than a reader takes, and ends one that takes nothing', async () => {
    let made = 0
    let ended = false
    const { answer, sink } = await serve({
      slowReaderMs: 300,
      async *source(signal) {
        try {
          for (; !signal.aborted; made += 1) yield PIECE
        } finally {
          ended = true
        }
      },
    })
    answer.pause()
    await until(() => sink.destroyed && ended, 'the reader to be cut off')
    // What the kernel takes on both sides, and our own buffers; a stream without bounds would be far beyond.
    expect(made * PIECE.length).toBeLessThan(64 * 1024 * 1024)
  })

  it('keeps a reader that is slow but takes something', async () => {
    const pieces = 300
    const { answer } = await serve({
      slowReaderMs: 2000,
      async *source() {
        for (let n = 0; n < pieces; n += 1) yield PIECE
      },
    })
    let length = 0
    for await (const piece of answer as AsyncIterable<Buffer>) length += piece.length
    expect(length).toBe(pieces * PIECE.length)
  })

  it('ends its source when the reader goes, though the source is waiting', async () => {
    let ended = false
    const { answer } = await serve({
      async *source(signal) {
        yield 'hello'
        await once(signal, 'abort')
        ended = true
      },
    })
    answer.destroy()
    expect(await until(() => ended, 'the source to end')).toBe(true)
  })

  it('ends in order when the server closes, and without it where the reader takes nothing', async () => {
    const source: TextStreamParts['source'] = async function* (signal) {
      yield 'hello'
      await once(signal, 'abort')
    }
    const { answer, closing } = await serve({ source })
    answer.resume()
    closing.abort()
    await once(answer, 'end')
    expect(answer.complete).toBe(true)

    const endless = await serve({ async *source(signal) { while (!signal.aborted) yield PIECE } })
    endless.answer.pause()
    await until(() => endless.sink.writableNeedDrain, 'the reader to be full')
    endless.closing.abort()
    await until(() => endless.sink.destroyed, 'the reader to be cut off')
  })

  it('breaks off when its source fails', async () => {
    const { answer } = await serve({
      async *source() {
        yield 'hello'
        throw new Error('the store failed')
      },
    })
    answer.resume()
    await once(answer, 'close').catch(() => undefined)
    expect(answer.complete).toBe(false)
  })
})
