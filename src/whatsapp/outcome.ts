import type { DomainEvent } from '../events/domain.ts'
import { record } from '../events/record.ts'
import type { Change, MessageView } from '../store/store.ts'

/** What became of a send, once it is known. */
export type Outcome = { readonly kind: 'sent' } | { readonly kind: 'failed'; readonly error: string }

/** The step of a message of ours, with its entry in the log. */
export function stateOf(id: string, chatId: string, state: 'sending' | 'sent' | 'failed' | 'expired', error: string | null): Change[] {
  const at = Date.now()
  return record({ type: 'message.state', key: { chatId, id, sender: '' }, state, at, error } satisfies DomainEvent, at)
}

/** The outcome that a stored message already tells. */
export function outcomeOf(message: Pick<MessageView, 'state' | 'error'> | null): Outcome | null {
  if (message?.state === 'failed' || message?.state === 'expired') return { kind: 'failed', error: message.error ?? message.state }
  return message?.state && message.state !== 'queued' && message.state !== 'sending' ? { kind: 'sent' } : null
}
