import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSandbox } from '../../src/sandbox/sandbox-link.ts'

const ROOT_KEY = Buffer.alloc(32, 7)
const MANIFEST = { wsUrl: 'ws://127.0.0.1:1/ws/chat', mediaUrl: 'http://127.0.0.1:2', rootKey: ROOT_KEY.toString('base64'), accounts: [] }
const log = { level: 'silent', debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

async function control(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const answering = (status: number, body: unknown): Promise<string> => control((_request, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)))
const open = (controlUrl: string): ReturnType<typeof openSandbox> => openSandbox({ kind: 'at', controlUrl }, '/nowhere', log)

describe('openSandbox', () => {
  it('is null when the sandbox is off', async () => {
    expect(await openSandbox({ kind: 'off' }, '/nowhere', log)).toBeNull()
  })

  it('finds a simulator that runs elsewhere', async () => {
    const controlUrl = await answering(200, MANIFEST)
    const link = await open(controlUrl)
    expect(link).toMatchObject({ wsUrl: MANIFEST.wsUrl, mediaUrl: MANIFEST.mediaUrl, simulator: null, controlUrl })
    expect(Buffer.from(link?.rootKey ?? [])).toEqual(ROOT_KEY)
  })

  it('says so when nobody answers there', async () => {
    await expect(open('http://127.0.0.1:1')).rejects.toThrow('does not answer; start one with `npm run simulator`')
    await expect(open(await answering(500, MANIFEST))).rejects.toThrow('does not answer')
  })

  it.each([{}, null, 'text', { ...MANIFEST, rootKey: 'AAAA' }, { ...MANIFEST, wsUrl: 1 }])('says so when something else answers there: %j', async (body) => {
    await expect(open(await answering(200, body))).rejects.toThrow('answers something else')
  })
})

describe('the control plane', () => {
  it('passes on what is asked and what is answered', async () => {
    const seen: string[] = []
    const controlUrl = await control((request, response) => {
      if (request.url === '/sandbox' && seen.length === 0) {
        seen.push('found')
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(MANIFEST))
        return
      }
      let body = ''
      request.on('data', (chunk) => (body += String(chunk)))
      request.on('end', () => {
        seen.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers['content-type'] ?? ''} ${body}`)
        response.writeHead(418, { 'content-type': 'application/problem+json' }).end('{"code":"TEAPOT"}')
      })
    })
    const link = await open(controlUrl)
    expect(await link?.control?.forward('POST', '/sandbox/faults?x=1', { kind: 'drop' })).toEqual({ status: 418, contentType: 'application/problem+json', body: '{"code":"TEAPOT"}' })
    await link?.control?.forward('DELETE', '/sandbox/faults', null)
    expect(seen).toEqual(['found', 'POST /sandbox/faults?x=1 application/json {"kind":"drop"}', 'DELETE /sandbox/faults  '])
  })

  it('is a problem when the simulator is gone', async () => {
    const link = await open(await answering(200, MANIFEST))
    await expect(link?.control?.forward('GET', '/sandbox', undefined)).resolves.toMatchObject({ status: 200 })
    const { controlPlane } = await import('../../src/sandbox/control-plane.ts')
    await expect(controlPlane('http://127.0.0.1:1').forward('GET', '/sandbox', undefined)).rejects.toMatchObject({ code: 'WHATSAPP_UNAVAILABLE' })
  })
})
