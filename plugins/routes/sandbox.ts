import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { ref } from '../../schemas/ref.ts'
import { SandboxLinked, SandboxPairing, SandboxScan, SandboxState } from '../../schemas/sandbox.ts'
import { toSandboxProblem } from '../../src/sandbox/refusals.ts'
import type { SandboxLink } from '../../src/sandbox/sandbox-link.ts'
import { sandboxContactRoutes } from './sandbox-contacts.ts'
import { simulatorOf } from './sandbox-simulator.ts'
import { sandboxWorldRoutes } from './sandbox-world.ts'

const stateOf = (app: FastifyInstance): SandboxState => ({ ...simulatorOf(app).manifest(), controlUrl: app.simulator?.controlUrl ?? null })

/** Playing WhatsApp: phones that scan, contacts that write, groups, history, faults. */
export const sandboxRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.setErrorHandler((error) => {
    throw toSandboxProblem(error)
  })
  // A simulator that runs alone answers for itself; what it says is passed on.
  app.addHook('preHandler', async (request, reply) => {
    const link: SandboxLink | null = app.simulator
    if (!link?.control) return
    const { status, contentType, body } = await link.control.forward(request.method, request.url, request.body)
    await reply.code(status).type(contentType).send(body)
  })

  app.get('/sandbox', {
    schema: {
      operationId: 'getSandbox', tags: ['Sandbox'], summary: 'Show the simulated WhatsApp', description: 'Where clients reach it, who lives in it, and what clients sent that it does not know.',
      response: { 200: ref(SandboxState) }, errors: ['SANDBOX_OFF'],
    },
  }, async () => stateOf(app))

  app.post('/sandbox/reset', {
    schema: {
      operationId: 'resetSandbox', tags: ['Sandbox'], summary: 'Forget everybody', description: 'Empties the simulated WhatsApp: linked clients are told that they are linked no more. Answers the new state.',
      response: { 200: ref(SandboxState) }, errors: ['SANDBOX_OFF'],
    },
  }, async () => {
    simulatorOf(app).reset()
    return stateOf(app)
  })

  app.post('/sandbox/scan', {
    schema: {
      operationId: 'scanSandboxQr', tags: ['Sandbox'], summary: 'Scan a QR code', description: "A simulated phone scans the QR code of a session, or of any other client that connected to `wsUrl`. Answers once the client has taken the pairing.",
      body: ref(SandboxScan), response: { 200: ref(SandboxLinked) }, errors: ['SANDBOX_OFF', 'SANDBOX_TARGET_NOT_FOUND', 'PAIRING_FAILED'],
    },
  }, async ({ body }) => simulatorOf(app).scan(body.qr, body))

  app.post('/sandbox/pairing-code', {
    schema: {
      operationId: 'enterSandboxPairingCode', tags: ['Sandbox'], summary: 'Type a pairing code', description: "A simulated phone's owner types the pairing code that a client shows for this number. Answers once the client has taken the pairing.",
      body: ref(SandboxPairing), response: { 200: ref(SandboxLinked) }, errors: ['SANDBOX_OFF', 'SANDBOX_TARGET_NOT_FOUND', 'PAIRING_FAILED'],
    },
  }, async ({ body }) => simulatorOf(app).enterPairingCode(body.phone, body.code))

  await app.register(sandboxContactRoutes)
  await app.register(sandboxWorldRoutes)
}
