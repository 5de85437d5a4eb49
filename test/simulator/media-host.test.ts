import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { downloadContentFromMessage } from '@whiskeysockets/baileys'
import { afterEach, describe, expect, it } from 'vitest'
import { parseRange, startMediaHost } from '../../src/simulator/media-host.ts'
import type { MediaHost } from '../../src/simulator/media-host.ts'
import { storeMedia } from '../../src/simulator/world/media-message.ts'
import { openMediaStore } from '../../src/simulator/world/media.ts'
import type { MediaStore } from '../../src/simulator/world/media.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const open = async (directory?: string): Promise<{ host: MediaHost; store: MediaStore }> => {
  const store = openMediaStore(directory)
  const host = await startMediaHost(store)
  cleanups.push(host.close)
  return { host, store }
}
const scratch = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'puente-media-'))
  cleanups.push(async () => rm(directory, { recursive: true, force: true }))
  return join(directory, 'media')
}
const post = async (host: MediaHost, body: Uint8Array, hash: string): Promise<Response> =>
  fetch(`${host.url}/mms/image/${hash}?auth=a&token=${hash}`, { method: 'POST', body })
const hashOf = (body: Uint8Array): string => createHash('sha256').update(body).digest('base64url')
const pathOf = async (response: Response): Promise<string> => {
  const answer: unknown = await response.json()
  if (typeof answer !== 'object' || answer === null || !('direct_path' in answer)) throw new Error('No direct path was answered.')
  return String(answer.direct_path)
}

const places: [string, () => Promise<string | undefined>][] = [['in memory', async () => undefined], ['on disk', scratch]]

describe.each(places)('the media host, %s', (_name, directory) => {
  it('takes an upload and gives it back under its direct path', async () => {
    const { host } = await open(await directory())
    const body = randomBytes(200_000)
    const response = await post(host, body, hashOf(body))
    expect(response.status).toBe(200)
    const answer: unknown = await response.clone().json()
    const directPath = await pathOf(response)
    expect(answer).toEqual({ url: `https://mmg.whatsapp.net${directPath}`, direct_path: directPath })
    const back = await fetch(host.url + directPath)
    expect(back.status).toBe(200)
    expect(Buffer.from(await back.arrayBuffer()).equals(body)).toBe(true)
  })

  it('serves ranges', async () => {
    const { host } = await open(await directory())
    const body = randomBytes(1000)
    const path = await pathOf(await post(host, body, hashOf(body)))
    const part = await fetch(host.url + path, { headers: { range: 'bytes=10-19' } })
    expect(part.status).toBe(206)
    expect(part.headers.get('content-range')).toBe('bytes 10-19/1000')
    expect(Buffer.from(await part.arrayBuffer()).equals(body.subarray(10, 20))).toBe(true)
    expect((await fetch(host.url + path, { headers: { range: 'bytes=1000-' } })).status).toBe(416)
  })

  it('refuses a body whose hash is not the path\'s', async () => {
    const { host } = await open(await directory())
    const response = await post(host, randomBytes(10), hashOf(randomBytes(10)))
    expect(response.status).toBe(400)
  })

  it('answers 404 for what is gone, and serves it anew under the renewed path', async () => {
    const { host, store } = await open(await directory())
    const body = randomBytes(100)
    const path = await pathOf(await post(host, body, hashOf(body)))
    expect(await store.expire(path)).toBe(true)
    expect((await fetch(host.url + path)).status).toBe(404)
    const renewed = await store.renew(path)
    expect(renewed).not.toBe(path)
    expect((await fetch(host.url + String(renewed))).status).toBe(200)
    expect((await fetch(host.url + path)).status).toBe(404)
    expect(await pathOf(await post(host, body, hashOf(body)))).toBe(renewed)
  })

  it('answers 404 and 405 for what it does not serve', async () => {
    const { host } = await open(await directory())
    expect((await fetch(`${host.url}/v/t62.7118-24/0_${hashOf(randomBytes(1))}_n.enc`)).status).toBe(404)
    expect((await fetch(`${host.url}/v/../../etc/passwd`)).status).toBe(404)
    expect((await fetch(`${host.url}/upload`, { method: 'POST', body: 'x' })).status).toBe(404)
    expect((await fetch(`${host.url}/x`, { method: 'PUT', body: 'x' })).status).toBe(405)
  })

  it('stores a contact\'s file as a phone encrypts it', async () => {
    const { host, store } = await open(await directory())
    const file = randomBytes(50_001)
    const fields = await storeMedia(store, file, 'sticker')
    const stream = await downloadContentFromMessage({ mediaKey: fields.mediaKey, url: host.url + fields.directPath }, 'sticker')
    const chunks: Uint8Array[] = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(Buffer.concat(chunks).equals(file)).toBe(true)
    expect(fields.fileLength).toBe(50_001)
  })
})

it('keeps blobs and their paths over a restart, and leaves no half-written file', async () => {
  const directory = await scratch()
  const first = await open(directory)
  const body = randomBytes(100)
  const path = await pathOf(await post(first.host, body, hashOf(body)))
  await first.store.expire(path)
  const renewed = await first.store.renew(path)
  const second = await open(directory)
  expect((await fetch(second.host.url + String(renewed))).status).toBe(200)
  expect((await fetch(second.host.url + path)).status).toBe(404)
  expect((await readdir(directory)).filter((name) => name.endsWith('.part'))).toEqual([])
})

it.each([
  ['bytes=0-', { start: 0, end: 99 }], ['bytes=10-19', { start: 10, end: 19 }], ['bytes=-5', { start: 95, end: 99 }],
  ['bytes=90-500', { start: 90, end: 99 }], ['bytes=100-', undefined], ['bytes=-', undefined], ['lines=1-2', undefined],
])('reads the range %s of 100 bytes', (header, range) => {
  expect(parseRange(header, 100)).toEqual(range)
})
