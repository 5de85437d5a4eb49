import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { resolveApiKey, sharedApiKey, type ApiKey } from '../src/api-key.ts'
import { Problem } from '../src/errors.ts'
import { keyChecker, keyOf } from '../src/http/credentials.ts'
import { keysOf } from '../src/store/redis/keys.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly auth: {
      readonly key: ApiKey
      /** Whether the request carries the right key. */
      accepts(headers: IncomingHttpHeaders): boolean
    }
  }
}

/** Asks for the API key everywhere but where a route says `security: []`. */
const auth: FastifyPluginAsync = async (app) => {
  const { dataDir, redis, secrets: { apiKey } } = app.config
  const key = redis === null ? resolveApiKey(apiKey, dataDir) : await sharedApiKey(apiKey, app.redis, keysOf(redis.prefix).gateway.apiKey)
  const isRight = keyChecker(key.value)
  const accepts = (headers: IncomingHttpHeaders): boolean => {
    const given = keyOf(headers)
    return given !== null && isRight(given)
  }
  app.decorate('auth', { key, accepts })
  app.addHook('onRequest', async (request, reply) => {
    if (isOpen(request) || accepts(request.headers)) return
    reply.header('www-authenticate', 'Bearer realm="puente"')
    throw new Problem('UNAUTHORIZED', keyOf(request.headers) === null ? 'Send the API key in the X-Api-Key header, or as Authorization: Bearer.' : 'The API key is not the right one.')
  })
}

export default fp(auth, { name: 'auth', dependencies: ['config', 'redis'] })

/** Judged by the route that was found, never by the text of the URL. */
function isOpen({ routeOptions: { url, schema } }: FastifyRequest): boolean {
  return schema?.security?.length === 0 || url === '/docs' || (url?.startsWith('/docs/') ?? false)
}
