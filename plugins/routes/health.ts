import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ref } from '../../schemas/ref.ts'
import { Health } from '../../schemas/server.ts'

const TAGS = ['Server']

/** For whoever runs the gateway: is the process alive, can it work. */
export const healthRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/health/live', {
    schema: {
      operationId: 'getLiveness', tags: TAGS, summary: 'Is it alive', description: 'Answers as long as the process does.', security: [],
      response: { 200: ref(Health) },
    },
  }, async () => ({ status: 'ok' as const }))

  app.get('/health/ready', {
    schema: {
      operationId: 'getReadiness', tags: TAGS, summary: 'Can it work', description: 'Reads from the store; 503 when that fails or the gateway is stopping. Says nothing of single sessions.', security: [],
      response: { 200: ref(Health) },
      errors: ['STORE_UNAVAILABLE'],
    },
  }, async () => {
    await app.store.sessions.page({ limit: 1, cursor: null })
    return { status: 'ok' as const }
  })
}
