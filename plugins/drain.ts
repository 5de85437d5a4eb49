import { setMaxListeners } from 'node:events'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from '../src/errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Aborted when the server begins to close: what makes an answer wait should stop. */
    readonly drain: AbortSignal
  }
}

/** How long a close waits for the answers under way. */
const DRAIN_MS = 5000

/** Lets answers under way finish when the server closes, and takes no new connections and requests meanwhile. */
const drain: FastifyPluginAsync = async (app) => {
  const closing = new AbortController()
  // Each answer that waits, and each stream, listens.
  setMaxListeners(0, closing.signal)
  let underWay = 0
  let drained: (() => void) | undefined

  app.decorate('drain', closing.signal)
  app.addHook('onRequest', async (_request, reply) => {
    underWay += 1
    let over = false
    const end = (): void => {
      if (over) return
      over = true
      underWay -= 1
      if (underWay === 0) drained?.()
    }
    // An answer that its caller did not wait for is only closed.
    reply.raw.once('finish', end).once('close', end)
    if (closing.signal.aborted) throw new Problem('SHUTTING_DOWN', 'The gateway is stopping; try again when it is back.')
  })
  app.addHook('preClose', async () => {
    closing.abort()
    // Who connects now is refused at once, so that a balancer tries another node. Idle connections go too; fastify ends the others.
    app.server.close()
    if (underWay === 0) return
    await new Promise<void>((resolve) => {
      drained = resolve
      setTimeout(resolve, DRAIN_MS).unref()
    })
  })
}

export default fp(drain, { name: 'drain' })
