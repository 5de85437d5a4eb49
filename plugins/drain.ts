import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from '../src/errors.ts'

/** How long a close waits for the answers under way. */
const DRAIN_MS = 5000

/** Lets answers under way finish when the server closes, and takes no new requests meanwhile. */
const drain: FastifyPluginAsync = async (app) => {
  let closing = false
  let underWay = 0
  let drained: (() => void) | undefined

  app.addHook('onRequest', async () => {
    underWay += 1
    if (closing) throw new Problem('SHUTTING_DOWN', 'The gateway is stopping; try again when it is back.')
  })
  app.addHook('onResponse', async () => {
    underWay -= 1
    if (underWay === 0) drained?.()
  })
  app.addHook('preClose', async () => {
    closing = true
    if (underWay === 0) return
    await new Promise<void>((resolve) => {
      drained = resolve
      setTimeout(resolve, DRAIN_MS).unref()
    })
  })
}

export default fp(drain, { name: 'drain' })
