import { Type, type Static } from '@sinclair/typebox'

/** What `GET /` answers. */
export const ServerStatus = Type.Object(
  {
    status: Type.Literal('SERVER RUNNING', { type: 'string' }),
    version: Type.Optional(Type.String({ description: 'Only with a valid key.' })),
    uptimeSeconds: Type.Optional(Type.Integer({ description: 'Only with a valid key.' })),
    links: Type.Optional(Type.Object({ docs: Type.String(), openapi: Type.String(), health: Type.String() }, { description: 'Only with a valid key.' })),
  },
  { $id: 'ServerStatus', description: 'The gateway runs.' },
)
export type ServerStatus = Static<typeof ServerStatus>

/** What `GET /health/*` answers when all is well; else it is a problem with status 503. */
export const Health = Type.Object({ status: Type.Literal('ok', { type: 'string' }) }, { $id: 'Health', description: 'The gateway can do its work.' })
export type Health = Static<typeof Health>

/** What `GET /version` answers. */
export const Version = Type.Object(
  { version: Type.String(), node: Type.String(), baileys: Type.String(), whatsapp: Type.String({ description: 'The WhatsApp Web version that is announced.' }), sandbox: Type.Boolean() },
  { $id: 'Version', description: 'What runs here.' },
)
export type Version = Static<typeof Version>
