import { get, type IncomingMessage } from 'node:http'

/** One event as a stream told it. */
export interface Told {
  readonly id: string
  readonly type: string
  readonly data: string
}

/** A reader of Server-Sent Events, as WHATWG HTML section 9.2 has it, which can be cut anywhere. */
export interface EventSource {
  /** Every event so far. */
  readonly told: readonly Told[]
  /** All the text so far. */
  text(): string
  /** What it would send as Last-Event-ID. */
  lastId(): string
  /** The answer's status and headers. */
  readonly opened: Promise<IncomingMessage>
  /** Resolves when the stream is over; true when the server ended it, false when it broke. */
  readonly over: Promise<boolean>
  cut(): void
}

/** How a stream is asked for. */
export interface Asked {
  readonly headers?: Readonly<Record<string, string>>
  readonly lastId?: string
  /** The connection dies after so many characters of the body. */
  readonly cutAt?: number
  /** Does not read until it is told to. */
  readonly paused?: boolean
  /** Hears of each event as it arrives. */
  readonly heard?: (told: Told) => void
}

/** Opens a stream. */
export function openEvents(url: string, { headers = {}, lastId = '', cutAt = Infinity, paused = false, heard }: Asked): EventSource {
  const told: Told[] = []
  let text = ''
  let rest = ''
  let last = lastId
  let next = { id: lastId, type: '', data: [] as string[] }

  const line = (content: string): void => {
    if (content === '') {
      last = next.id
      if (next.data.length > 0) {
        const one = { id: next.id, type: next.type === '' ? 'message' : next.type, data: next.data.join('\n') }
        told.push(one)
        heard?.(one)
      }
      next = { id: next.id, type: '', data: [] }
      return
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(content) ?? []
    if (field === 'id') next.id = value
    if (field === 'event') next.type = value
    if (field === 'data') next.data.push(value)
  }

  const request = get(url, { headers: { accept: 'text/event-stream', ...headers, ...(lastId === '' ? {} : { 'last-event-id': lastId }) }, agent: false })
  request.on('error', () => undefined)
  const opened = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
  opened.catch(() => undefined)
  const source: EventSource = {
    told,
    text: () => text,
    lastId: () => last,
    opened,
    over: new Promise((resolve) => {
      request.once('close', () => void opened.then((answer) => resolve(answer.complete), () => resolve(false)))
    }),
    cut: () => request.destroy(),
  }
  request.once('response', (answer) => {
    answer.setEncoding('utf8')
    answer.on('error', () => undefined)
    if (paused) answer.pause()
    else {
      answer.on('data', (piece: string) => {
        if (request.destroyed) return
        const arrived = piece.slice(0, cutAt - text.length)
        text += arrived
        const lines = (rest + arrived).split('\n')
        rest = lines.pop() ?? ''
        lines.forEach(line)
        if (text.length >= cutAt) request.destroy()
      })
    }
  })
  return source
}
