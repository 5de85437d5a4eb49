import { Type, type Static } from '@sinclair/typebox'
import { oneOf } from './ref.ts'

/** What Puente is told by its environment. */
export const Environment = Type.Object(
  {
    API_KEY: Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]{1,256}$', description: 'The key callers must send; at most 256 printable characters without spaces. When unset, one is made at the first start, printed once and kept in DATA_DIR.' })),
    HOST: Type.String({ default: '127.0.0.1', minLength: 1, description: 'The address to listen on; 0.0.0.0 in the image.' }),
    PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65535, description: 'The port to listen on; 0 lets the system choose.' }),
    LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const, { default: 'info', description: 'How much is logged; message text and secrets never are.' }),
    DEVICE_NAME: Type.String({ default: 'Puente', minLength: 1, maxLength: 50, description: "The name shown among WhatsApp's linked devices." }),
    DATA_DIR: Type.String({ default: './data', minLength: 1, description: 'Where the embedded store and the generated key live; it holds WhatsApp identities, so its mode is 0700.' }),
    REDIS_URL: Type.Optional(Type.String({ pattern: '^(rediss?://.+|unix:/.+)$', description: 'Where Redis is, with its password if it has one: everything is kept there, and any number of gateways share the sessions. Unset: the embedded store in DATA_DIR.' })),
    REDIS_PREFIX: Type.String({ default: 'puente', pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'What the keys in Redis begin with, so that several installations can share one Redis.' }),
    REDIS_UNSAFE: oneOf(['false', 'true'] as const, { default: 'false', description: 'Whether to start on a Redis that may lose what it was given: one that keeps nothing on a disk, or throws keys out.' }),
    NODE_ID: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_.-]{1,64}$', description: 'The name of this gateway among others on one Redis. Unset: one is made at the first start and kept in DATA_DIR.' })),
    NODE_URL: Type.Optional(Type.String({ pattern: '^https?://.+$', description: 'Where the other gateways reach this one. Unset: the name of the machine, or HOST where that is one address, and PORT.' })),
    SANDBOX: Type.String({ default: 'false', pattern: '^(true|false|https?://.+)$', description: '`true` runs a simulated WhatsApp inside the gateway; the control URL of a simulator that runs alone uses that one.' }),
    WEBHOOK_ALLOW_PRIVATE: Type.Optional(oneOf(['false', 'loopback', 'true'] as const, { description: 'Whether a webhook may lead to a neighbour: `loopback` allows this machine, `true` private networks too. Unset: `false`, in the sandbox `loopback`. Link-local and metadata addresses are never allowed.' })),
    MEDIA_ALLOW_PRIVATE: Type.Optional(oneOf(['false', 'loopback', 'true'] as const, { description: 'The same for media that is fetched from a URL. Whoever may send can then read what these addresses answer.' })),
    RESUME_CONCURRENCY: Type.Integer({ default: 20, minimum: 1, maximum: 1000, description: 'How many sessions log in at the same time after a start.' }),
    EVENT_RETENTION_DAYS: Type.Integer({ default: 7, minimum: 1, maximum: 3650, description: 'How many days the log of events is kept.' }),
    EVENT_RETENTION_MAX: Type.Integer({ default: 1_000_000, minimum: 1000, maximum: 1_000_000_000, description: 'How many events of a session are kept at most; the oldest go first.' }),
    EVENT_STREAMS_MAX: Type.Integer({ default: 1000, minimum: 1, maximum: 100_000, description: 'How many event streams may be open at the same time.' }),
    BODY_LIMIT_BYTES: Type.Integer({ default: 1_048_576, minimum: 1024, maximum: 104_857_600, description: 'The largest request body that is read.' }),
    WHATSAPP_VERSION: Type.Optional(Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$', description: "The WhatsApp Web version to announce, such as 2.3000.1043857760; unset: the one Baileys brings." })),
  },
  { $id: 'Environment' },
)
export type Environment = Static<typeof Environment>
