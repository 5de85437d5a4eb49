import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import closeWithGrace from 'close-with-grace'
import { fastify, type FastifyInstance } from 'fastify'
import errors, { answer, answerUnreadable } from '../plugins/errors.ts'
import { sandboxRoutes } from '../plugins/routes/sandbox.ts'
import validation from '../plugins/validation.ts'
import type { SandboxLink } from './sandbox/sandbox-link.ts'
import { startSimulator, type Simulator } from './simulator/simulator.ts'

const HOST = '127.0.0.1'
/** Room for a file in base64. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024
const CLOSE_MS = 10_000

/** The control plane: the sandbox's routes, without a key, on loopback only. */
async function listen(simulator: Simulator, port: number): Promise<{ app: FastifyInstance; controlUrl: string }> {
  const app = fastify({
    logger: { level: 'warn', stream: process.stderr },
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    frameworkErrors: (error, request, reply) => void answer(error, request, reply),
    clientErrorHandler: answerUnreadable,
  }).withTypeProvider<TypeBoxTypeProvider>()
  const { wsUrl, mediaUrl, rootKey } = simulator
  let controlUrl: string | null = null
  const link: SandboxLink = {
    wsUrl, mediaUrl, rootKey, simulator, control: null, close: () => simulator.close(),
    get controlUrl() {
      return controlUrl
    },
  }
  app.decorate('simulator', link)
  await app.register(errors)
  await app.register(validation)
  await app.register(sandboxRoutes)
  controlUrl = await app.listen({ host: HOST, port })
  return { app, controlUrl }
}

function portOf(env: NodeJS.ProcessEnv): number {
  const port = Number(env['PORT'] ?? 0)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('PORT must be a number from 0 to 65535.')
  return port
}

async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const port = portOf(env)
  const simulator = await startSimulator({ dataDir: env['DATA_DIR'] === '' ? undefined : env['DATA_DIR'] })
  const { app, controlUrl } = await listen(simulator, port)
  closeWithGrace({ delay: CLOSE_MS, logger: app.log, skip: ['unhandledRejection', 'beforeExit'] }, async () => {
    await app.close()
    await simulator.close()
  })
  process.stdout.write(`${JSON.stringify({ wsUrl: simulator.wsUrl, mediaUrl: simulator.mediaUrl, controlUrl })}\n`)
}

// libsignal prints sessions with their private keys, and standard output belongs to the one line above.
for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) console[method] = () => undefined

main(process.env).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
