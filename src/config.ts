import { envSchema } from 'env-schema'
import { Environment } from '../schemas/config.ts'
import { DAY_MS, type EventRetention } from './store/retention.ts'
import type { PrivateTargets } from './egress/address.ts'

/** Where WhatsApp is: the real one, a simulator inside this process, or one that runs alone. */
export type Sandbox = { readonly kind: 'off' } | { readonly kind: 'inside' } | { readonly kind: 'at'; readonly controlUrl: string }

/** All settings, checked and frozen. Secrets stand apart, so that the rest can be logged. */
export interface Config {
  readonly http: { readonly host: string; readonly port: number; readonly bodyLimitBytes: number; readonly maxStreams: number }
  readonly log: { readonly level: Environment['LOG_LEVEL'] }
  readonly dataDir: string
  /** Null for the embedded store. */
  readonly redis: { readonly place: string; readonly prefix: string; readonly isUnsafe: boolean } | null
  /** What the other gateways know this one by; null where that is to be found out. */
  readonly node: { readonly id: string | null; readonly url: string | null }
  readonly sandbox: Sandbox
  /** What URLs that somebody else chose may lead to, for each use. */
  readonly egress: { readonly webhooks: PrivateTargets; readonly media: PrivateTargets }
  /** How long, and how many of a session, entries of the log are kept. */
  readonly events: EventRetention
  readonly whatsapp: { readonly deviceName: string; readonly version: readonly [number, number, number] | null; readonly resumeConcurrency: number }
  readonly secrets: { readonly apiKey: string | null; readonly redisUrl: string | null }
}

/** Thrown with every fault of the environment in one message. */
export class ConfigInvalid extends Error {
  constructor(faults: readonly string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.name = 'ConfigInvalid'
  }
}

/** Reads the flat environment into nested settings. Empty values count as unset. Throws {@link ConfigInvalid}. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([name, value]) => name in Environment.properties && value !== undefined && value !== ''))
  const environment = check(given)
  const sandbox = toSandbox(environment.SANDBOX)
  return freeze({
    http: { host: environment.HOST, port: environment.PORT, bodyLimitBytes: environment.BODY_LIMIT_BYTES, maxStreams: environment.EVENT_STREAMS_MAX },
    log: { level: environment.LOG_LEVEL },
    dataDir: environment.DATA_DIR,
    redis: environment.REDIS_URL === undefined ? null : { place: placeOf(environment.REDIS_URL), prefix: environment.REDIS_PREFIX, isUnsafe: environment.REDIS_UNSAFE === 'true' },
    node: { id: environment.NODE_ID ?? null, url: environment.NODE_URL ?? null },
    sandbox,
    events: { keptMs: environment.EVENT_RETENTION_DAYS * DAY_MS, maxPerSession: environment.EVENT_RETENTION_MAX },
    egress: { webhooks: toPrivateTargets(environment.WEBHOOK_ALLOW_PRIVATE, sandbox), media: toPrivateTargets(environment.MEDIA_ALLOW_PRIVATE, sandbox) },
    whatsapp: { deviceName: environment.DEVICE_NAME, version: toVersion(environment.WHATSAPP_VERSION), resumeConcurrency: environment.RESUME_CONCURRENCY },
    secrets: { apiKey: environment.API_KEY ?? null, redisUrl: environment.REDIS_URL ?? null },
  })
}

function check(given: Record<string, unknown>): Environment {
  try {
    return envSchema<Environment>({ schema: Environment, data: given, env: false, dotenv: false })
  } catch (error) {
    const faults = (error as { errors?: { instancePath: string; message?: string; params?: { allowedValues?: unknown[] } }[] }).errors
    if (!faults) throw error
    throw new ConfigInvalid(faults.map(({ instancePath, message, params }) => `${instancePath.slice(1)} ${message ?? 'is not valid'}${params?.allowedValues ? `: ${params.allowedValues.join(', ')}` : ''}`))
  }
}

/** Where Redis is, without its password: for logs and the words of errors. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url)
  return host === '' ? pathname : host
}

function toSandbox(value: string): Sandbox {
  if (value === 'false') return { kind: 'off' }
  if (value === 'true') return { kind: 'inside' }
  return { kind: 'at', controlUrl: value.replace(/\/+$/, '') }
}

/** A sandbox is tried on one machine, where the receiver of its webhooks runs too. */
function toPrivateTargets(value: Environment['WEBHOOK_ALLOW_PRIVATE'], sandbox: Sandbox): PrivateTargets {
  const allowed = value ?? (sandbox.kind === 'off' ? 'false' : 'loopback')
  return ({ false: 'none', loopback: 'loopback', true: 'all' } as const)[allowed]
}

function toVersion(value: string | undefined): [number, number, number] | null {
  if (value === undefined) return null
  const [major = 0, minor = 0, patch = 0] = value.split('.').map(Number)
  return [major, minor, patch]
}

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner as object)
  return Object.freeze(value)
}
