import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ErrorEntry } from '../../schemas/problem.ts'
import { ref } from '../../schemas/ref.ts'
import { ServerStatus, Version } from '../../schemas/server.ts'
import { catalogue } from '../../src/errors.ts'
import { preferredType } from '../../src/http/media-type.ts'
import { baileysVersion, version } from '../../src/version.ts'
import { announcedVersion } from '../../src/whatsapp/version.ts'
import { WELCOME_CSP, welcomePage } from '../../src/welcome-page.ts'

const TAGS = ['Server']
const LINKS = { docs: '/docs', openapi: '/openapi.json', health: '/health/ready' }

/** The gateway's account of itself. */
export const serverRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/', {
    schema: {
      operationId: 'getStatus', tags: TAGS, summary: 'Status', description: 'Says that the gateway runs; with a valid key also its version, uptime and where to go on. A browser gets a page.', security: [],
      response: { 200: { description: 'The gateway runs.', content: { 'application/json': { schema: ref(ServerStatus) }, 'text/html': { schema: Type.String() } } } },
    },
  }, async ({ headers }, reply) => {
    reply.header('vary', 'accept')
    if (headers.accept?.includes('text/html') && preferredType(headers.accept, ['application/json', 'text/html']) === 'text/html') {
      return reply.type('text/html; charset=utf-8').headers({ 'content-security-policy': WELCOME_CSP, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }).send(welcomePage)
    }
    const status = 'SERVER RUNNING' as const
    return app.auth.accepts(headers) ? { status, version, uptimeSeconds: Math.floor(process.uptime()), links: LINKS } : { status }
  })

  app.get('/version', {
    schema: {
      operationId: 'getVersion', tags: TAGS, summary: 'Versions', description: 'What runs here.',
      response: { 200: ref(Version) },
    },
  }, async () => ({ version, node: process.versions.node, baileys: baileysVersion, whatsapp: announcedVersion(app.config.whatsapp.version), sandbox: app.simulator !== null }))

  const entries = Object.entries(catalogue).map(([code, entry]) => ({ code, ...entry }))
  app.get('/errors', {
    schema: {
      operationId: 'listErrors', tags: TAGS, summary: 'The error catalogue', description: 'Every `code` an error can have, with its status and meaning.',
      response: { 200: Type.Array(ref(ErrorEntry), { description: 'All codes.' }) },
    },
  }, async () => entries)

  app.get('/openapi.json', {
    schema: {
      operationId: 'getOpenapi', tags: TAGS, summary: 'The OpenAPI document', description: 'This very document.', security: [],
      response: { 200: Type.Unsafe<ReturnType<typeof app.swagger>>({ type: 'object', required: ['openapi'], properties: { openapi: { type: 'string' } }, additionalProperties: true, description: 'OpenAPI 3.1.' }) },
    },
  }, async () => app.swagger())
}
