import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { info, security, securitySchemes, tags } from '../src/contract/document-info.ts'
import { finishDocument } from '../src/contract/finish.ts'
import { toOperation, type RequestExample } from '../src/contract/operation.ts'
import { webhookOperations } from '../src/contract/webhook-operations.ts'
import type { ErrorCode } from '../src/errors.ts'

declare module 'fastify' {
  interface FastifySchema {
    /** The error codes only this operation answers. */
    errors?: readonly ErrorCode[]
    requestExamples?: Readonly<Record<string, RequestExample>>
  }
}

/** Writes the OpenAPI 3.1 document from the routes' own schemas, and shows it under /docs. */
const openapi: FastifyPluginAsync = async (app) => {
  const examples = new Map<string, Readonly<Record<string, RequestExample>>>()
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info, servers: [{ url: '/' }], tags, security, components: { securitySchemes } },
    convertConstToEnum: false,
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => (typeof json.$id === 'string' ? json.$id : `def-${index}`) },
    transform: ({ schema, url, route }) => {
      if (schema?.hide) return { schema, url }
      if (schema.operationId && schema.requestExamples) examples.set(schema.operationId, schema.requestExamples)
      return { schema: toOperation(schema, [route.method].flat()), url }
    },
    transformObject: (made) => ('openapiObject' in made ? finishDocument(made.openapiObject, examples, webhookOperations()) : made.swaggerObject),
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { persistAuthorization: true, tryItOutEnabled: true, displayRequestDuration: true, docExpansion: 'list' },
    staticCSP: true,
    // The gateway is often reached over plain HTTP in a local network.
    transformStaticCSP: (header) => header.replace(/\s*upgrade-insecure-requests;?/, ''),
  })
}

export default fp(openapi, { name: 'openapi' })
