import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { openSandbox, type SandboxLink } from '../src/sandbox/sandbox-link.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Null unless the sandbox is on. */
    readonly simulator: SandboxLink | null
  }
}

const simulator: FastifyPluginAsync = async (app) => {
  const { sandbox, dataDir } = app.config
  const link = await openSandbox(sandbox, dataDir, app.log)
  app.decorate('simulator', link)
  app.addHook('onClose', async () => link?.close())
}

export default fp(simulator, { name: 'simulator', dependencies: ['config'] })
