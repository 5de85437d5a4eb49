import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { fastify, LogController, type FastifyInstance } from 'fastify'
import auth from '../plugins/auth.ts'
import cluster from '../plugins/cluster.ts'
import config from '../plugins/config.ts'
import drain from '../plugins/drain.ts'
import errors, { answer, answerUnreadable } from '../plugins/errors.ts'
import events from '../plugins/events.ts'
import owner from '../plugins/owner.ts'
import openapi from '../plugins/openapi.ts'
import redis from '../plugins/redis.ts'
import requestLog from '../plugins/request-log.ts'
import routes from '../plugins/routes/index.ts'
import sessions from '../plugins/sessions.ts'
import simulator from '../plugins/simulator.ts'
import store from '../plugins/store.ts'
import validation from '../plugins/validation.ts'
import webhooks from '../plugins/webhooks.ts'
import whatsapp from '../plugins/whatsapp.ts'
import type { Config } from './config.ts'
import { requestId } from './http/request-id.ts'
import { REDACTED, toLoggedError } from './http/redaction.ts'
import type { Store, StoreOptions } from './store/store.ts'
import type { Haste } from './webhooks/schedule.ts'
import type { ManagerParts } from './whatsapp/manager.ts'
import type { WhatsApp } from './whatsapp/whatsapp.ts'

/** What a test may put in place of the machinery behind the routes. */
export interface Overrides {
  readonly openStore?: (options: StoreOptions) => Promise<Store>
  readonly whatsapp?: (parts: ManagerParts) => WhatsApp
  /** Divides the time-out and the schedule of webhooks. */
  readonly webhookHaste?: Haste
}

/** Room for a JID whose every character is percent-encoded. */
const MAX_PARAM_LENGTH = 400
/** How long a request may take to arrive. */
const REQUEST_TIMEOUT_MS = 60_000
/** Opening a large store, or a simulator's world, takes its time. */
const PLUGIN_TIMEOUT_MS = 60_000

/** The gateway, ready to listen: every plugin in the order of its dependencies. */
export async function buildApp(settings: Config, overrides: Overrides = {}): Promise<FastifyInstance> {
  const app = fastify({
    logger: { level: settings.log.level, redact: { paths: [...REDACTED], censor: '[redacted]' }, serializers: { err: toLoggedError } },
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    bodyLimit: settings.http.bodyLimitBytes,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    requestTimeout: REQUEST_TIMEOUT_MS,
    pluginTimeout: PLUGIN_TIMEOUT_MS,
    forceCloseConnections: true,
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => void answer(error, request, reply),
    clientErrorHandler: answerUnreadable,
  }).withTypeProvider<TypeBoxTypeProvider>()

  try {
    await app.register(config, { config: settings })
    await app.register(errors)
    await app.register(requestLog)
    await app.register(redis)
    await app.register(store, { open: overrides.openStore })
    // A close gives sessions to other nodes first, while calls are still answered: so it stands before what refuses them.
    await app.register(cluster)
    await app.register(drain)
    await app.register(validation)
    await app.register(openapi)
    await app.register(auth)
    await app.register(sessions)
    await app.register(events)
    await app.register(simulator)
    await app.register(whatsapp, { make: overrides.whatsapp })
    await app.register(webhooks, { haste: overrides.webhookHaste })
    await app.register(owner)
    await app.register(routes)
    return app
  } catch (error) {
    // What was opened before the fault is closed again.
    await app.close()
    throw error
  }
}
