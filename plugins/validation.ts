import { named } from '../schemas/index.ts'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from '../src/errors.ts'
import { validators } from '../src/http/validators.ts'

/** Knows the named shapes, checks requests against them, and reads bodies: JSON, or none. */
const validation: FastifyPluginAsync = async (app) => {
  for (const schema of named) app.addSchema(schema)
  const compile = validators(named)
  app.setValidatorCompiler<object>(({ schema, httpPart }) => compile(schema, httpPart))
  // What goes out has the type of its schema already. Compiled serializers triple the time of a start and are no faster here.
  app.setSerializerCompiler(() => JSON.stringify)

  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  // Many clients announce JSON and send nothing.
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.trim() === '') done(null, undefined)
    else void parseJson(request, body, done)
  })
  // curl -d '' announces a form and sends nothing.
  app.addContentTypeParser('*', (request, _payload, done) => {
    if (request.headers['content-length'] === '0') done(null, undefined)
    else done(new Problem('UNSUPPORTED_MEDIA_TYPE', 'The body must be sent as application/json.'))
  })
}

export default fp(validation, { name: 'validation' })
