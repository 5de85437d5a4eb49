import type { FastifyPluginAsync } from 'fastify'
import { Problem } from '../../src/errors.ts'
import { sandboxRoutes } from './sandbox.ts'
import { sandboxSessionRoutes } from './sandbox-sessions.ts'

/** Room for a file in base64. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024

/** Everything under /sandbox, which does not exist unless the sandbox is on. */
export const sandboxScope: FastifyPluginAsync = async (app) => {
  app.addHook('onRoute', (route) => {
    route.bodyLimit = BODY_LIMIT_BYTES
  })
  app.addHook('onRequest', async () => {
    if (!app.simulator) throw new Problem('SANDBOX_OFF', 'This gateway speaks to WhatsApp itself; set SANDBOX to try it without a phone.')
  })
  await app.register(sandboxRoutes)
  await app.register(sandboxSessionRoutes)
}
