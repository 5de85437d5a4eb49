import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { nullable, ref } from '../../schemas/ref.ts'
import { SandboxLinked, SandboxScan } from '../../schemas/sandbox.ts'
import { SessionParams } from '../../schemas/session.ts'
import { Problem } from '../../src/errors.ts'
import { toSandboxProblem } from '../../src/sandbox/refusals.ts'
import { simulatorOf } from './sandbox-simulator.ts'

/** How long a scan waits for the session to show a code. */
const QR_WAIT_MS = 10_000

/** What the sandbox does for sessions of this gateway. */
export const sandboxSessionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.setErrorHandler((error) => {
    throw toSandboxProblem(error)
  })

  app.post('/sandbox/sessions/:session_id/scan', {
    schema: {
      operationId: 'scanSandboxSession', tags: ['Sandbox'], summary: "Scan a session's QR code", description: 'A simulated phone scans the code that the session shows now; a new number when `phone` is absent. Answers once the session has taken the pairing.',
      params: SessionParams, body: nullable(Type.Omit(SandboxScan, ['qr'], { $id: 'SandboxScanner', additionalProperties: false })), response: { 200: ref(SandboxLinked) },
      errors: ['SANDBOX_OFF', 'SESSION_NOT_FOUND', 'QR_NOT_READY', 'PAIRING_FAILED', 'SANDBOX_TARGET_NOT_FOUND', 'WHATSAPP_UNAVAILABLE'],
      requestExamples: { phone: { summary: 'A certain phone', value: { phone: '+34600000001', name: 'Sales' } } },
    },
  }, async ({ params: { session_id }, body }, reply) => {
    const qr = await app.whatsapp.waitForQr(session_id, QR_WAIT_MS)
    if (!qr) throw new Problem('QR_NOT_READY', `Session '${session_id}' shows no QR code now; start it first.`)
    const elsewhere = app.simulator?.control
    if (!elsewhere) return simulatorOf(app).scan(qr.text, body ?? {})
    const answer = await elsewhere.forward('POST', '/sandbox/scan', { ...body, qr: qr.text })
    return reply.code(answer.status as 200).type(answer.contentType).send(JSON.parse(answer.body))
  })
}
