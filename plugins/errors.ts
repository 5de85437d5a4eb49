import type { Socket } from 'node:net'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from '../src/errors.ts'
import { PROBLEM_JSON, retryAfterSeconds, toProblemDocument, withoutQuery } from '../src/http/problem-document.ts'
import { rawAnswer } from '../src/http/raw-answer.ts'
import { requestId } from '../src/http/request-id.ts'
import { knownRoutes } from '../src/http/routes-known.ts'
import { toParserProblem, toProblem } from '../src/http/to-problem.ts'

/** Answers everything that is thrown, and everything that has no route, as problem+json. */
const errors: FastifyPluginAsync = async (app) => {
  const routes = knownRoutes()
  app.addHook('onRoute', ({ url, method }) => routes.add(url, [method].flat()))
  app.setErrorHandler(answer)
  app.setNotFoundHandler((request, reply) => {
    const path = withoutQuery(request.url)
    const methods = routes.methodsAt(path)
    if (methods.length === 0) throw new Problem('ROUTE_NOT_FOUND', `There is nothing at ${path}.`)
    reply.header('allow', methods.join(', '))
    throw new Problem('METHOD_NOT_ALLOWED', `${path} takes ${methods.join(', ')}, not ${request.method}.`)
  })
}

export default fp(errors, { name: 'errors' })

/** The error handler, which also serves for what fails before a route is found. */
export function answer(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error, request.body === undefined || request.body === null)
  if (problem.status >= 500 && problem.cause !== undefined) request.log.error({ code: problem.code, err: problem.cause }, problem.code)
  const seconds = retryAfterSeconds(problem)
  if (seconds !== null) reply.header('retry-after', String(seconds))
  return reply.header('x-request-id', request.id).code(problem.status).type(PROBLEM_JSON).send(JSON.stringify(toProblemDocument(problem, request.url)))
}

/** Answers what Node could not parse as HTTP: there is no request, only a socket. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  socket.end(rawAnswer(toParserProblem(error.code), requestId(undefined)))
}
