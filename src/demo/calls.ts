import { setTimeout as delay } from 'node:timers/promises'

/** One HTTP call: `POST /sessions/demo`, and what it carries. */
export interface Call {
  readonly line: string
  readonly body?: object
}

/** What came back. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  /** The path of the next page, or null. */
  readonly next: string | null
}

/** Calls that are told as they are made. */
export interface Calls {
  /** Makes the call, shows it and its answer, and fails in words when the status is another one. */
  readonly expect: (status: number, call: Call) => Promise<Answer>
  /** Repeats the call until its answer fits, shows the one that did, and fails in words after some seconds. */
  readonly until: (what: string, call: Call, fits: (body: unknown) => boolean) => Promise<Answer>
}

const WAIT_MS = 8_000
const POLL_MS = 50
const CALL_MS = 15_000

/** Calls to the gateway at `url`; `show` gets each curl line and each shortened answer. */
export function makeCalls(gateway: { readonly url: string; readonly key: string }, show: (kind: 'command' | 'answer', text: string) => void): Calls {
  async function make({ line, body }: Call): Promise<Answer> {
    const [method = 'GET', path = '/'] = line.split(' ')
    const response = await fetch(new URL(path, gateway.url), {
      method,
      headers: { 'X-Api-Key': gateway.key, ...(body && { 'Content-Type': 'application/json' }) },
      signal: AbortSignal.timeout(CALL_MS),
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1] ?? null
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown), next: next === null ? null : pathOf(new URL(next, gateway.url)) }
  }

  function tell(call: Call, { status, body }: Answer): void {
    show('command', toCurl(call))
    show('answer', `${status} ${shorten(body)}`)
  }

  return {
    async expect(status, call) {
      const answer = await make(call)
      tell(call, answer)
      if (answer.status !== status) throw new Error(`${call.line} should have answered ${status}, and answered ${answer.status}.`)
      return answer
    },
    async until(what, call, fits) {
      const deadline = Date.now() + WAIT_MS
      for (;;) {
        const answer = await make(call)
        if (answer.status < 300 && fits(answer.body)) {
          tell(call, answer)
          return answer
        }
        if (Date.now() > deadline) {
          tell(call, answer)
          throw new Error(`${what} did not happen within ${WAIT_MS / 1000} s.`)
        }
        await delay(POLL_MS)
      }
    },
  }
}

const pathOf = (url: URL): string => url.pathname + url.search

function toCurl({ line, body }: Call): string {
  const [method = 'GET', path = '/'] = line.split(' ')
  const verb = method === 'GET' ? '' : ` -X ${method}`
  const data = body ? ` \\\n    -H "Content-Type: application/json" -d '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}'` : ''
  return `curl -s${verb} "$URL${path}" -H "X-Api-Key: $API_KEY"${data}`
}

const MAX_STRING = 60
const MAX_ENTRIES = 3
const MAX_LINE = 120
const MAX_ENTRY = 160

/** An answer short enough to read: long strings and lists cut, and what is null, empty or false left out of objects in lists. */
export function shorten(body: unknown): string {
  const short = cut(body, false)
  const line = compact(short)
  if (line.length <= MAX_LINE || typeof short !== 'object' || short === null) return line
  if (Array.isArray(short)) return `[\n${short.map((entry) => `    ${typeof entry === 'string' ? entry : clip(compact(entry))}`).join(',\n')}\n  ]`
  return `{\n${Object.entries(short).map(([name, value]) => `    ${JSON.stringify(name)}: ${clip(compact(value))}`).join(',\n')}\n  }`
}

const compact = (value: unknown): string => (JSON.stringify(value, null, 1) ?? '').replaceAll(/\n\s*/g, ' ')

const clip = (line: string): string => (line.length > MAX_ENTRY ? `${line.slice(0, MAX_ENTRY)} ...` : line)

const isNothing = (value: unknown): boolean => value === null || value === false || (Array.isArray(value) && value.length === 0)

function cut(value: unknown, inList: boolean): unknown {
  if (typeof value === 'string') return value.length > MAX_STRING ? `${value.slice(0, MAX_STRING)}... (${value.length} characters)` : value
  if (Array.isArray(value)) {
    const shown = value.slice(0, MAX_ENTRIES).map((entry) => cut(entry, true))
    return value.length > MAX_ENTRIES ? [...shown, `... ${value.length - MAX_ENTRIES} more`] : shown
  }
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, field]) => !inList || !isNothing(field))
  return Object.fromEntries(fields.map(([name, field]) => [name, cut(field, inList)]))
}
