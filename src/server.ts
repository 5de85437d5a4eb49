import { join } from 'node:path'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { loadConfig } from './config.ts'

/** Longer than answers under way may take to end. */
const CLOSE_MS = 15_000

/** What a human wants to know after a start; a key that was just made is shown this once. */
function banner(app: FastifyInstance, url: string): string {
  const { value, origin, place } = app.auth.key
  const key = {
    configured: 'the value of API_KEY',
    kept: `in ${place ?? ''}`,
    generated: `${value}  (shown once; kept in ${place ?? ''})`,
  }[origin]
  const mode = app.simulator ? `a simulated WhatsApp (sandbox) at ${app.simulator.wsUrl}` : 'WhatsApp'
  return `Puente listens on ${url} and speaks to ${mode}.\n  API documentation  ${url}/docs\n  API key            ${key}\n  ${app.config.redis === null ? 'Data folder       ' : 'Redis             '} ${app.config.redis?.place ?? join(app.config.dataDir)}\n`
}

async function main(): Promise<void> {
  const config = loadConfig(process.env)
  // A wrong setting is told before all the rest is loaded.
  const { buildApp } = await import('./app.ts')
  const app = await buildApp(config)
  // One garbled frame in one session must not end the others; what is not caught anywhere still shows.
  process.on('unhandledRejection', (error) => app.log.error({ err: error }, 'a promise was rejected and nobody caught it'))
  closeWithGrace({ delay: CLOSE_MS, logger: app.log, skip: ['unhandledRejection', 'beforeExit'] }, async ({ err }) => {
    if (err) app.log.fatal({ err }, 'stopping after a fault')
    await app.close()
  })
  const url = await app.listen({ host: config.http.host, port: config.http.port })
  process.stdout.write(banner(app, url))
}

main().catch((error: unknown) => {
  process.stderr.write(`${words(error)}\n`)
  process.exit(1)
})

/** A start that fails says why in words, without a stack. */
function words(error: unknown): string {
  const { code, message, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  if (code === 'EADDRINUSE') return `Another program listens on ${address ?? ''}:${port ?? ''} already; set PORT to another port.`
  if (code === 'EACCES' && port !== undefined) return `Port ${port} may not be used by this user; set PORT to one above 1023.`
  return message ?? String(error)
}
