import { Readable, type Writable } from 'node:stream'

/** How long a reader may take nothing while there is something to read. */
const SLOW_READER_MS = 30_000
/** What is held for a reader that is slower than its source; the source is not asked for more meanwhile. */
const BUFFER_BYTES = 256 * 1024
/** How long a reader may take for the rest when the server closes. */
const CLOSE_GRACE_MS = 250

/** What a stream of text works with. */
export interface TextStreamParts {
  /** Makes the text; it must end when the signal aborts. */
  readonly source: (signal: AbortSignal) => AsyncGenerator<string, void, void>
  /** Where the text goes in the end: the response. */
  readonly sink: Writable
  /** Aborted when the server closes: the stream then ends at once. */
  readonly closing: AbortSignal
  readonly slowReaderMs?: number
}

/** A body that never ends by itself: text as it is made, no more of it in memory than fits a buffer, and an end for readers that take nothing. */
export function textStream({ source, sink, closing, slowReaderMs = SLOW_READER_MS }: TextStreamParts): Readable {
  const over = new AbortController()
  const text = source(over.signal)
  let slow: NodeJS.Timeout | undefined
  let grace: NodeJS.Timeout | undefined
  let wanted = false
  let pulling = false

  const close = (): void => {
    over.abort()
    grace = setTimeout(() => sink.destroy(), CLOSE_GRACE_MS)
  }
  /** Starts the clock on a sink that takes nothing; what it takes stops it. */
  const watch = (): void => {
    if (sink.writableNeedDrain && !sink.destroyed) slow ??= setTimeout(() => sink.destroy(), slowReaderMs)
  }
  sink.on('drain', () => {
    clearTimeout(slow)
    slow = undefined
  })
  sink.once('close', () => {
    clearTimeout(slow)
    clearTimeout(grace)
    closing.removeEventListener('abort', close)
    stream.destroy()
  })
  const stream = new Readable({
    highWaterMark: BUFFER_BYTES,
    read() {
      wanted = true
      if (!pulling) void pull()
    },
    destroy(error, done) {
      over.abort()
      // One that is not waiting for anything would never hear of the signal.
      text.return().catch(() => undefined)
      done(error)
    },
  })

  if (closing.aborted) close()
  else closing.addEventListener('abort', close)

  async function pull(): Promise<void> {
    pulling = true
    try {
      while (wanted) {
        const { done, value } = await text.next()
        if (stream.destroyed) return
        wanted = false
        if (done) {
          stream.push(null)
          return
        }
        if (stream.push(value)) wanted = true
        // The sink has it by then.
        setImmediate(watch)
      }
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error('the source of a stream failed'))
    } finally {
      pulling = false
    }
  }
  return stream
}
