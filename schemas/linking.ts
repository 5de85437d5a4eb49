import { Type, type Static } from '@sinclair/typebox'
import { nullable, ref } from './ref.ts'
import { SessionState } from './session.ts'

/** How long GET S/qr waits for a code. */
export const QrQuery = Type.Object(
  { wait: Type.Optional(Type.Number({ minimum: 0, maximum: 30, default: 0, description: 'Seconds to wait for a QR code.' })) },
  { additionalProperties: false },
)
export type QrQuery = Static<typeof QrQuery>

/** The QR code that links the session. */
export const QrCode = Type.Object(
  {
    qr: nullable(Type.String(), { description: 'The text of the QR code, to be drawn by the caller; null when there is none in this state.' }),
    expiresAt: nullable(Type.String({ format: 'date-time' }), { description: 'When this code is replaced by the next one.' }),
    state: ref(SessionState),
  },
  { $id: 'QrCode', description: 'The QR code that links the session.' },
)
export type QrCode = Static<typeof QrCode>

/** A QR code as a PNG. */
export const QrPicture = Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' })

/** A phone number as callers write it. */
export const Phone = Type.String({ pattern: '^\\+?[1-9]\\d{6,14}$', description: 'E.164, with or without the plus sign.', examples: ['+34600000001'] })

/** Who wants to link by code. */
export const PairingCodeRequest = Type.Object({ phone: Phone }, { $id: 'PairingCodeRequest', additionalProperties: false, description: 'The phone that will type the code.' })
export type PairingCodeRequest = Static<typeof PairingCodeRequest>

/** The code to type on the phone. */
export const PairingCode = Type.Object(
  {
    code: Type.String({ pattern: '^[A-Z0-9]{8}$', description: 'Eight characters to type under "Link with phone number".' }),
    expiresAt: Type.String({ format: 'date-time', description: 'When the code stops working.' }),
  },
  { $id: 'PairingCode', description: 'A code that links the session when typed on the phone.' },
)
export type PairingCode = Static<typeof PairingCode>
