import type { WebhookRow } from '../store/webhooks.ts'

/** The end of a name that stands for a family of event types. */
const FAMILY = '.*'

/** Whether the webhook hears of this session. */
export const hearsSession = ({ sessions }: Pick<WebhookRow, 'sessions'>, sessionId: string): boolean => sessions === null || sessions.includes(sessionId)

/** Whether the webhook hears of this type of event: it names it, or its family as in `message.*`. */
export const hearsType = ({ events }: Pick<WebhookRow, 'events'>, type: string): boolean =>
  events === null || events.some((name) => (name.endsWith(FAMILY) ? type.startsWith(name.slice(0, -1)) : name === type))
