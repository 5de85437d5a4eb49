import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, it, onTestFinished } from 'vitest'
import { openHere } from './place.ts'

const TIMEOUT_MS = 1000
/** Answers shortly after it has said that the request is here. */
const SERVER = `
  const { parentPort } = require('node:worker_threads')
  const server = require('node:http').createServer((request, response) => {
    parentPort.postMessage('here')
    setTimeout(() => response.end(), 50)
  })
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

it('an answer that came in time counts, however late a busy process reads it', async () => {
  const worker = new Worker(SERVER, { eval: true })
  onTestFinished(async () => void (await worker.terminate()))
  const [port] = (await once(worker, 'message')) as [number]
  const answer = openHere().request(`http://127.0.0.1:${port}/`, { method: 'GET', timeoutMs: TIMEOUT_MS, maxBytes: 10 })
  await once(worker, 'message')
  const until = Date.now() + TIMEOUT_MS + 200
  while (Date.now() < until);
  expect((await answer).status).toBe(200)
})
