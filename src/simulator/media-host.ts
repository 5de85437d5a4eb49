import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { BlobRefused } from './world/media.ts'
import type { MediaStore } from './world/media.ts'

/** The host that media addresses name on the wire; clients reach it through a dispatcher that leads here. */
export const MEDIA_HOSTNAME = 'mmg.whatsapp.net'

/** The full address of a direct path, as WhatsApp writes it. */
export const toMediaUrl = (directPath: string): string => `https://${MEDIA_HOSTNAME}${directPath}`

/** A running media host: plain HTTP on loopback. */
export type MediaHost = { url: string; port: number; close: () => Promise<void> }

const UPLOAD_PATH = /^(?:\/(?:newsletter|mms|product|pps))*\/(?<kind>[a-z-]+)\/(?<hash>[A-Za-z0-9_-]{43})$/
const RANGE = /^bytes=(?<start>\d*)-(?<end>\d*)$/

const answerJson = (response: ServerResponse, statusCode: number, body: Record<string, unknown>): void => {
  const text = JSON.stringify(body)
  response.writeHead(statusCode, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text)
}

/** The first and last byte that a Range header asks for; undefined when it asks for nothing sensible. */
export const parseRange = (header: string, sizeBytes: number): { start: number; end: number } | undefined => {
  const groups = RANGE.exec(header)?.groups
  if (groups === undefined || (groups['start'] === '' && groups['end'] === '')) return undefined
  const last = sizeBytes - 1
  const suffix = groups['start'] === ''
  const start = suffix ? Math.max(0, sizeBytes - Number(groups['end'])) : Number(groups['start'])
  const end = suffix || groups['end'] === '' ? last : Math.min(last, Number(groups['end']))
  return start > end ? undefined : { start, end }
}

const upload = async (store: MediaStore, request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
  const target = UPLOAD_PATH.exec(path)?.groups
  if (target?.['kind'] === undefined || target['hash'] === undefined) {
    answerJson(response, 404, { error: 'This is not an upload path.' })
    return
  }
  const directPath = await store.store(request, target['kind'], target['hash'])
  answerJson(response, 200, { url: toMediaUrl(directPath), direct_path: directPath })
}

/** Asked before each download; true makes the media gone from then on. */
export type MediaLoss = () => boolean

const download = async (store: MediaStore, isLost: MediaLoss, request: IncomingMessage, response: ServerResponse, directPath: string): Promise<void> => {
  if (request.method === 'GET' && isLost()) await store.expire(directPath)
  const blob = await store.find(directPath)
  if (blob === undefined) {
    answerJson(response, 404, { error: 'There is no media here, or no more.' })
    return
  }
  const asked = request.headers.range
  const range = asked === undefined ? { start: 0, end: blob.sizeBytes - 1 } : parseRange(asked, blob.sizeBytes)
  if (range === undefined) {
    response.writeHead(416, { 'content-range': `bytes */${blob.sizeBytes}` }).end()
    return
  }
  response.writeHead(asked === undefined ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'content-length': range.end - range.start + 1,
    ...(asked === undefined ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${blob.sizeBytes}` }),
  })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  await pipeline(blob.read(range.start, range.end), response)
}

const serve = async (store: MediaStore, isLost: MediaLoss, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const target = request.url ?? '/'
  try {
    if (request.method === 'POST') await upload(store, request, response, target.split('?')[0] ?? '/')
    else if (request.method === 'GET' || request.method === 'HEAD') await download(store, isLost, request, response, target)
    else answerJson(response, 405, { error: 'GET, HEAD and POST are served here.' })
  } catch (error) {
    // A client that went away in the middle needs no answer.
    if (response.headersSent || response.destroyed) response.destroy()
    else if (error instanceof BlobRefused) answerJson(response, error.statusCode, { error: error.message })
    else answerJson(response, 500, { error: 'The body could not be stored.' })
  }
}

/** Serves the blobs on 127.0.0.1; port 0 lets the system choose. */
export const startMediaHost = async (store: MediaStore, port = 0, isLost: MediaLoss = () => false): Promise<MediaHost> => {
  const server = createServer((request, response) => void serve(store, isLost, request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The media host has no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    close: async () => new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
}
