import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { PairingCode, PairingCodeRequest, QrCode, QrPicture, QrQuery } from '../../schemas/linking.ts'
import { ref } from '../../schemas/ref.ts'
import { SessionParams } from '../../schemas/session.ts'
import { invalidField, Problem } from '../../src/errors.ts'
import { preferredType } from '../../src/http/media-type.ts'
import { parsePhone } from '../../src/jid.ts'
import { drawQr, QR_TYPES } from '../../src/sessions/qr-image.ts'

const TAGS = ['Linking']

/** Linking an account: by QR code, or by a code typed on the phone. */
export const linkingRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/sessions/:session_id/qr', {
    config: { owner: 'needed' },
    schema: {
      operationId: 'getQrCode', tags: TAGS, summary: 'Get the QR code', description: 'The code that is shown now, in the form that `Accept` asks for: JSON, an image, or text that can be scanned in a terminal. Codes change; `expiresAt` (in a picture the `Expires` header) tells when.',
      params: SessionParams, querystring: QrQuery,
      response: {
        200: {
          description: 'The QR code.',
          content: {
            'application/json': { schema: ref(QrCode) },
            'image/png': { schema: QrPicture },
            'image/svg+xml': { schema: Type.String() },
            'text/plain': { schema: Type.String() },
          },
        },
      },
      errors: ['SESSION_NOT_FOUND', 'NOT_ACCEPTABLE', 'QR_NOT_READY', 'OWNER_UNAVAILABLE'],
    },
  }, async ({ params: { session_id }, query: { wait = 0 }, headers }, reply) => {
    const type = preferredType(headers.accept, QR_TYPES)
    const qr = await app.whatsapp.waitForQr(session_id, wait * 1000)
    const { state } = await app.sessions.require(session_id)
    reply.headers({ vary: 'accept', 'cache-control': 'no-store' })
    if (type === 'application/json') return { qr: qr?.text ?? null, expiresAt: qr?.expiresAt.toISOString() ?? null, state }
    if (!qr) throw new Problem('QR_NOT_READY', `Session '${session_id}' is ${state} and shows no QR code.`)
    return reply.type(type).header('expires', qr.expiresAt.toUTCString()).send(await drawQr(qr.text, type))
  })

  app.post('/sessions/:session_id/pairing-code', {
    config: { owner: 'create' },
    schema: {
      operationId: 'createPairingCode', tags: TAGS, summary: 'Get a pairing code', description: 'Starts the session if need be and asks WhatsApp for a code to type on the phone under *Linked devices*, *Link with phone number*.',
      params: SessionParams, body: ref(PairingCodeRequest),
      response: { 200: ref(PairingCode) },
      errors: ['ALREADY_LINKED', 'PAIRING_FAILED', 'SESSION_REMOVED', 'WHATSAPP_UNAVAILABLE', 'OWNER_UNAVAILABLE'],
      requestExamples: { phone: { summary: 'A Spanish number', value: { phone: '+34600000001' } } },
    },
  }, ({ params, body }) => {
    const phone = parsePhone(body.phone)
    if (phone === null) throw invalidField('/body/phone', 'must be an international number')
    return app.whatsapp.pairingCode(params.session_id, phone)
  })
}
