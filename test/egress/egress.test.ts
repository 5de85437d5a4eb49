import { createServer as createTlsServer } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readAll } from '../../src/egress/body.ts'
import { MAX_IDLE } from '../../src/egress/connections.ts'
import type { EgressRequest } from '../../src/egress/egress.ts'
import { EgressFailed, EgressRefused, EgressTimedOut, EgressTooLarge } from '../../src/egress/failures.ts'
import { selfSigned } from '../support/certificate.ts'
import { until } from '../support/wait.ts'
import { bodyOf, openHere, resolver, serve, serveRaw } from './place.ts'

const GET: EgressRequest = { method: 'GET', timeoutMs: 5_000, maxBytes: 1_000_000 }
/** Short enough to wait for where nothing comes. */
const SHORT_MS = 300
/** Long enough for headers to come on a busy machine, short enough to wait for the body that does not. */
const LONGER_MS = 2_000

/** What the promise rejected with. */
const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'no failure', (error: unknown) => error)

describe('an exchange', () => {
  it('carries method, path, query, headers and body, and says who asks', async () => {
    const seen: unknown[] = []
    const place = await serve((request, response) => {
      void bodyOf(request).then((body) => {
        seen.push({ method: request.method, url: request.url, headers: request.headers, body })
        response.writeHead(202, { 'X-Answer': 'yes' }).end('taken')
      })
    })
    const answer = await openHere().request(`${place.origin}/hook?a=1#fragment`, { ...GET, method: 'POST', headers: { 'Content-Type': 'text/plain', 'X-Mine': 'é' }, body: 'ñandú' })
    expect(answer).toMatchObject({ status: 202, headers: { 'x-answer': 'yes' }, url: `${place.origin}/hook?a=1` })
    expect((await readAll(answer.body)).toString()).toBe('taken')
    expect(seen).toMatchObject([{ method: 'POST', url: '/hook?a=1', body: 'ñandú', headers: { host: `127.0.0.1:${place.port}`, 'content-type': 'text/plain', 'content-length': '7', 'accept-encoding': 'identity', 'user-agent': expect.stringMatching(/^Puente\/\d/) as unknown } }])
  })

  it('keeps the name in Host, and its connection for the next request', async () => {
    const hosts: unknown[] = []
    const place = await serve((request, response) => {
      hosts.push(request.headers.host)
      response.end('ok')
    })
    const { resolve, asked } = resolver({ 'hook.test': ['127.0.0.1'] })
    const egress = openHere({ resolve })
    for (let turn = 0; turn < 20; turn++) await readAll((await egress.request(`http://hook.test:${place.port}/`, GET)).body)
    expect(hosts).toEqual(Array.from({ length: 20 }, () => `hook.test:${place.port}`))
    expect({ asked, taken: place.taken() }).toEqual({ asked: ['hook.test'], taken: 1 })
  })

  it('goes on to the next address where one does not answer', async () => {
    const place = await serve((_request, response) => response.end('ok'))
    const { resolve } = resolver({ 'two.test': ['127.0.0.9', '127.0.0.1'] })
    expect((await openHere({ resolve }).request(`http://two.test:${place.port}/`, GET)).status).toBe(200)
  })

  it('asks once for a name that many want at the same time', async () => {
    const place = await serve((_request, response) => response.end('ok'))
    const { resolve, asked } = resolver({ 'busy.test': ['127.0.0.1'] })
    const egress = openHere({ resolve })
    const answers = await Promise.all(Array.from({ length: 8 }, () => egress.request(`http://busy.test:${place.port}/`, GET)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200))
    expect(asked).toEqual(['busy.test'])
  })

  it('judges a name anew for each connection', async () => {
    const place = await serve((_request, response) => response.writeHead(200, { connection: 'close' }).end('ok'))
    const names: Record<string, string[]> = { 'turns.test': ['127.0.0.1'] }
    const { resolve, asked } = resolver(names)
    const egress = openHere({ resolve })
    await readAll((await egress.request(`http://turns.test:${place.port}/`, GET)).body)
    await until(() => place.open() === 0, 'the connection to be closed')
    names['turns.test'] = ['127.0.0.1', '10.0.0.1']
    const failure = await failureOf(egress.request(`http://turns.test:${place.port}/`, GET))
    expect(failure).toBeInstanceOf(EgressRefused)
    expect(failure).toMatchObject({ rule: 'private', address: '10.0.0.1' })
    expect((failure as Error).message).not.toContain('10.0.0.1')
    expect({ asked: asked.length, taken: place.taken() }).toEqual({ asked: 2, taken: 1 })
  })

  it('keeps connections for a bounded number of origins', async () => {
    const place = await serve((_request, response) => response.end('ok'))
    const egress = openHere({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] })
    for (let turn = 0; turn < MAX_IDLE + 20; turn++) await readAll((await egress.request(`http://n${turn}.test:${place.port}/`, GET)).body)
    expect(place.taken()).toBe(MAX_IDLE + 20)
    await until(() => place.open() <= MAX_IDLE, 'the oldest connections to be closed')
  })

  it('ends at once when the caller wants no more, with the reason of the caller', async () => {
    const place = await serve((request, response) => {
      if (request.url === '/body') response.writeHead(200).write('begun')
    })
    const egress = openHere({ resolve: () => new Promise(() => undefined) })
    const reason = new Error('no more')
    for (const url of [`http://never.test:${place.port}/`, `${place.origin}/silent`]) {
      const caller = new AbortController()
      const asked = failureOf(egress.request(url, { ...GET, signal: caller.signal }))
      caller.abort(reason)
      expect(await asked).toBe(reason)
    }
    const caller = new AbortController()
    const { body } = await egress.request(`${place.origin}/body`, { ...GET, signal: caller.signal })
    const read = failureOf(readAll(body))
    caller.abort(reason)
    expect(await read).toBe(reason)
    expect(await failureOf(egress.request(place.origin, { ...GET, signal: AbortSignal.abort(reason) }))).toBe(reason)
    await until(() => place.open() === 0, 'the connections to be closed')
  })

  it('is broken off by close, in every part, and none begins after it', async () => {
    const place = await serve((request, response) => {
      if (request.url === '/body') response.writeHead(200).write('begun')
    })
    const egress = openHere({ resolve: () => new Promise(() => undefined) })
    const silent = failureOf(egress.request(`${place.origin}/silent`, GET))
    const lookingUp = failureOf(egress.request('http://never.test/', GET))
    const { body } = await egress.request(`${place.origin}/body`, GET)
    const read = failureOf(readAll(body))
    await egress.close()
    for (const failure of [await silent, await lookingUp, await read, await failureOf(egress.request(place.origin, GET))]) {
      expect(failure).toBeInstanceOf(EgressFailed)
      expect(failure).toMatchObject({ reason: 'closed' })
    }
    await until(() => place.open() === 0, 'the connections to be closed')
  })
})

describe('a body', () => {
  it('may be as large as the cap, and not a byte larger', async () => {
    const place = await serve((request, response) => {
      const chunked = request.url === '/chunked'
      if (chunked) response.flushHeaders()
      response.end(Buffer.alloc(1_000))
    })
    const egress = openHere()
    for (const path of ['/length', '/chunked']) {
      expect((await readAll((await egress.request(place.origin + path, { ...GET, maxBytes: 1_000 })).body)).length).toBe(1_000)
      const failure = await failureOf(egress.request(place.origin + path, { ...GET, maxBytes: 999 }).then(({ body }) => readAll(body)))
      expect(failure).toBeInstanceOf(EgressTooLarge)
      expect(failure).toMatchObject({ maxBytes: 999 })
    }
  })

  it('over the cap is refused before it is read, when its length is told', async () => {
    const place = await serve((_request, response) => response.writeHead(200, { 'content-length': '5000000000' }).write('x'))
    expect(await failureOf(openHere().request(place.origin, GET))).toBeInstanceOf(EgressTooLarge)
    await until(() => place.open() === 0, 'the connection to be closed')
  })

  it('without an end is left after the cap', async () => {
    let sentBytes = 0
    const place = await serve((_request, response) => {
      const chunk = Buffer.alloc(16_384)
      const pour = (): void => {
        while (response.writable && response.write(chunk)) sentBytes += chunk.length
        if (response.writable) response.once('drain', pour)
      }
      pour()
    })
    const egress = openHere()
    expect(await failureOf(egress.request(place.origin, GET).then(({ body }) => readAll(body)))).toBeInstanceOf(EgressTooLarge)
    await until(() => place.open() === 0, 'the connection to be closed')
    const cut = await readAll((await egress.request(place.origin, { ...GET, maxBytes: 100, whenLarger: 'cut' })).body)
    expect(cut.length).toBe(100)
    await until(() => place.open() === 0, 'the connection to be closed')
    // What the system's buffers took on their way is not read.
    expect(sentBytes).toBeLessThan(100_000_000)
  })

  it('can be wanted in part only, down to nothing', async () => {
    const place = await serve((_request, response) => response.end('0123456789'))
    const egress = openHere()
    const part = async (maxBytes: number): Promise<string> => (await readAll((await egress.request(place.origin, { ...GET, maxBytes, whenLarger: 'cut' })).body)).toString()
    expect([await part(0), await part(4), await part(10), await part(11)]).toEqual(['', '0123', '0123456789', '0123456789'])
  })

  it('that is packed stays packed, so a bomb has the size it was sent with', async () => {
    const packed = gzipSync(Buffer.alloc(50_000_000))
    const place = await serve((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed))
    const answer = await openHere().request(place.origin, GET)
    expect(answer.headers['content-encoding']).toBe('gzip')
    expect((await readAll(answer.body)).equals(packed)).toBe(true)
  })

  it('of HEAD is none, however long it says it is', async () => {
    const place = await serve((_request, response) => response.writeHead(200, { 'content-length': '5000000000' }).end())
    const answer = await openHere().request(place.origin, { ...GET, method: 'HEAD' })
    expect((await readAll(answer.body)).length).toBe(0)
  })

  it('that breaks off is a failure, never a short body', async () => {
    const place = await serve((request, response) => {
      response.writeHead(200, request.url === '/length' ? { 'content-length': '10' } : {}).write('half', () => response.destroy())
    })
    const egress = openHere()
    for (const path of ['/length', '/chunked']) {
      const failure = await failureOf(egress.request(place.origin + path, GET).then(({ body }) => readAll(body)))
      expect(failure).toBeInstanceOf(EgressFailed)
      expect(failure).toMatchObject({ reason: 'reset' })
    }
  })

  it('that nobody reads lets go when it is dropped, or when its time is up', async () => {
    const place = await serve((_request, response) => response.writeHead(200).write('begun'))
    const egress = openHere()
    ;(await egress.request(place.origin, GET)).drop()
    await until(() => place.open() === 0, 'the dropped connection to be closed')
    await egress.request(place.origin, { ...GET, timeoutMs: LONGER_MS })
    await until(() => place.open() === 0, 'the forgotten connection to be closed')
    expect(place.taken()).toBe(2)
  })
})

describe('the time', () => {
  /** The stage in which the promise timed out. */
  const stageOf = async (promise: Promise<unknown>): Promise<string> => {
    const failure = await failureOf(promise)
    return failure instanceof EgressTimedOut ? failure.stage : `no time-out: ${String(failure)}`
  }

  it('bounds a look-up that hangs', async () => {
    expect(await stageOf(openHere({ resolve: () => new Promise(() => undefined) }).request('http://never.test/', { ...GET, timeoutMs: SHORT_MS }))).toBe('answer')
  })

  it('bounds an answer that does not come', async () => {
    const place = await serve(() => undefined)
    expect(await stageOf(openHere().request(place.origin, { ...GET, timeoutMs: SHORT_MS }))).toBe('answer')
    await until(() => place.open() === 0, 'the connection to be closed')
    // An HTTP client that is told to abort connects once more.
    expect(place.taken()).toBe(1)
  })

  it('bounds headers that drip', async () => {
    const place = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const drip = setInterval(() => socket.write('X-Drip: 1\r\n'), 20)
      socket.on('close', () => clearInterval(drip))
    })
    expect(await stageOf(openHere().request(place.origin, { ...GET, timeoutMs: SHORT_MS }))).toBe('answer')
    await until(() => place.open() === 0, 'the connection to be closed')
  })

  it('bounds a body that drips', async () => {
    const place = await serve((_request, response) => {
      const drip = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(drip))
      response.write('.')
    })
    const answer = await openHere().request(place.origin, { ...GET, timeoutMs: LONGER_MS })
    expect(await stageOf(readAll(answer.body))).toBe('body')
    await until(() => place.open() === 0, 'the connection to be closed')
  })

  it('bounds all redirects together', async () => {
    const place = await serve((request, response) => {
      setTimeout(() => response.writeHead(302, { location: `/${Number(request.url?.slice(1)) + 1}` }).end(), SHORT_MS / 2)
    })
    expect(await stageOf(openHere().request(`${place.origin}/0`, { ...GET, timeoutMs: SHORT_MS, maxRedirects: 20 }))).toBe('answer')
  })

  it('for a connection is bounded by itself', async () => {
    const place = await serveRaw(() => undefined)
    expect(await stageOf(openHere({ connectTimeoutMs: SHORT_MS }).request(place.origin.replace('http:', 'https:'), { ...GET, timeoutMs: 20_000 }))).toBe('connect')
  })
})

describe('headers', () => {
  it.each([
    ['X-Evil', 'a\r\nX-Injected: 1'], ['X-Evil', 'a\nb'], ['X-Evil', 'a\0b'], ['X-Evil', '\u{1f600}'], ['X-Evil\r\nX-Injected', '1'], ['X Evil', '1'], ['', '1'], ['X-Evil:', '1'],
    ['Host', 'metadata.google.internal'], ['Content-Length', '5'], ['Transfer-Encoding', 'chunked'], ['Connection', 'upgrade'], ['Upgrade', 'h2c'], ['Expect', '100-continue'], ['TE', 'trailers'], ['Trailer', 'X'], ['Keep-Alive', 'timeout=9'],
    ['Proxy-Authorization', 'Basic secret'], ['Accept-Encoding', 'gzip'], ['HTTP2-Settings', 'x'],
  ])('%j: %j is refused and nothing is sent', async (name, value) => {
    const place = await serve((_request, response) => response.end())
    const failure = await failureOf(openHere().request(place.origin, { ...GET, headers: { [name]: value } }))
    expect(failure).toBeInstanceOf(EgressRefused)
    expect(failure).toMatchObject({ rule: 'header' })
    expect((failure as Error).message.replace(/\(.*\)/, '')).not.toContain(value)
    expect(place.taken()).toBe(0)
  })

  it('cannot be injected through the URL', async () => {
    const urls: unknown[] = []
    const place = await serve((request, response) => {
      urls.push([request.url, request.headers['x-injected']])
      response.end()
    })
    await openHere().request(`${place.origin}/a%0d%0aX-Injected:%201?b=%0d%0aX-Injected:%201`, GET)
    expect(urls).toEqual([['/a%0d%0aX-Injected:%201?b=%0d%0aX-Injected:%201', undefined]])
  })
})

describe('a failure', () => {
  const reasonOf = async (promise: Promise<unknown>): Promise<string> => {
    const failure = await failureOf(promise)
    expect(failure).toBeInstanceOf(EgressFailed)
    return (failure as EgressFailed).reason
  }

  it('says that a name is not known', async () => {
    expect(await reasonOf(openHere({ resolve: resolver({}).resolve }).request('http://unknown.test/', GET))).toBe('dns')
    expect(await reasonOf(openHere({ resolve: async () => [] }).request('http://empty.test/', GET))).toBe('dns')
  })

  it('says that nobody listens', async () => {
    const egress = openHere({ resolve: resolver({ 'two.test': ['127.0.0.8', '127.0.0.9'] }).resolve })
    const place = await serve(() => undefined)
    expect(await reasonOf(egress.request(`http://two.test:${place.port}/`, GET))).toBe('connect')
    expect(await reasonOf(egress.request(`http://127.0.0.9:${place.port}/`, GET))).toBe('connect')
  })

  it('says that the connection broke', async () => {
    const place = await serveRaw((socket) => socket.once('data', () => socket.resetAndDestroy()))
    expect(await reasonOf(openHere().request(place.origin, GET))).toBe('reset')
    const leaving = await serveRaw((socket) => socket.once('data', () => socket.end()))
    expect(await reasonOf(openHere().request(leaving.origin, GET))).toBe('reset')
  })

  it.each(['SSH-2.0-OpenSSH_9.6\r\n', 'HTTP/1.1 abc\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n', `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`])('says that it is not HTTP: %#', async (text) => {
    const place = await serveRaw((socket) => socket.once('data', () => socket.write(text)))
    expect(await reasonOf(openHere().request(place.origin, GET).then(({ body }) => readAll(body)))).toBe('protocol')
  })

  it('says that a certificate is not to be trusted, or TLS not spoken', async () => {
    const { key, certificate } = selfSigned({ dnsNames: ['tls.test'] })
    const server = createTlsServer({ key, cert: certificate }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { resolve } = resolver({ 'tls.test': ['127.0.0.1'] })
    expect(await reasonOf(openHere({ resolve }).request(`https://tls.test:${(server.address() as AddressInfo).port}/`, GET))).toBe('tls')
    const plain = await serve(() => undefined)
    expect(await reasonOf(openHere().request(plain.origin.replace('http:', 'https:'), GET))).toBe('tls')
  })

  it('never repeats path, query, headers or body: they may be secrets', async () => {
    const place = await serve((request, response) => {
      if (request.url?.startsWith('/redirect')) response.writeHead(302, { location: `http://10.0.0.1/hidden?token=hidden` }).end()
      if (request.url?.startsWith('/reset')) response.destroy()
      if (request.url?.startsWith('/large')) response.end('hidden'.repeat(10))
    })
    const closed = `http://127.0.0.9:${place.port}`
    const urls = [`${place.origin}/redirect/hidden?token=hidden`, `${place.origin}/reset/hidden`, `${place.origin}/large/hidden`, `${place.origin}/silent/hidden?token=hidden`, `${closed}/hidden`, `https://127.0.0.1:${place.port}/hidden`, 'http://user:hidden@public.test/hidden', 'http://hidden host/hidden', 'ftp://public.test/hidden', 'http://public.test:25/hidden']
    for (const url of urls) {
      const failure = await failureOf(openHere().request(url, { ...GET, method: 'POST', headers: { authorization: 'hidden' }, body: 'hidden', maxBytes: 10, timeoutMs: SHORT_MS, maxRedirects: 3 }).then(({ body }) => readAll(body)))
      expect(failure).toBeInstanceOf(Error)
      const said: string[] = []
      for (let error: unknown = failure; error instanceof Error; error = error.cause) said.push(String(error.stack), JSON.stringify(error))
      expect(said.join('\n')).not.toContain('hidden')
    }
  })
})
