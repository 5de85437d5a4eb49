import type { EventData, EventType, LiveEventType } from '../../schemas/event.ts'
import type { SessionRow } from '../store/store.ts'
import type { DomainEvent, DomainEventOf } from './domain.ts'
import type { FactTypeOf } from './telling.ts'

type SessionType = Extract<EventType, `session.${string}`>
type WebhookType = Extract<EventType, `webhook.${string}`>

/** What the log keeps of a session's step. */
export type LoggedSession = Pick<SessionRow, 'state' | 'reason' | 'linked' | 'user'>

/** What the log keeps of a change of a group: its members are left out, which may be a thousand. */
export interface LoggedGroup extends Omit<DomainEventOf<'group.updated'>, 'type' | 'group'> {
  readonly group: (Omit<NonNullable<DomainEventOf<'group.updated'>['group']>, 'participants' | 'raw'> & { readonly size: number }) | null
}

/** What the log keeps of a change of a chat; `previousId` when the chat moved. */
export type LoggedChat = Omit<DomainEventOf<'chat.updated'>, 'type'> & { readonly previousId?: string }

/** What the log keeps, as JSON, for each type of event: bytes that only WhatsApp understands are left out everywhere. */
export type Logged<T extends EventType> = T extends 'session.deleted'
  ? object
  : T extends SessionType
    ? LoggedSession
    : T extends WebhookType
      ? EventData<T>
      : T extends 'group.updated'
        ? LoggedGroup
        : T extends 'chat.updated'
          ? LoggedChat
          : Omit<DomainEventOf<FactTypeOf<T>>, 'type'>

/** What only holds for the moment. */
export type LiveFact = DomainEventOf<FactTypeOf<LiveEventType>>

/** Whether the fact only holds for the moment. */
export const isLiveFact = (event: DomainEvent): event is LiveFact => event.type === 'presence.updated'

/** What the log keeps of a fact. */
export function toLogged(event: DomainEvent): object {
  // Most facts are of this kind, and to leave fields out of a copy takes longer than to copy them: JSON drops what is undefined.
  if ('message' in event) return { ...event, type: undefined, message: { ...event.message, raw: undefined } }
  const { type: _, ...fact } = event
  if (!('group' in fact)) return fact
  if (fact.group === null) return fact
  const { participants, ...group } = fact.group
  return 'changed' in fact ? { ...fact, group: { ...group, size: participants.length } } : { ...fact, group: null }
}
