import type { DomainEvent } from '../../events/domain.ts'
import type { GroupRow } from '../../store/store.ts'
import type { InboundContext } from './context.ts'
import { isOwn, type Directory } from './directory.ts'
import type { People } from './people.ts'

/** What every converter of one event shares: the context, whose directory already knows the pairs the event teaches, and where its facts go. */
export interface Scope extends InboundContext {
  readonly people: People
  /** Groups that this event has changed already, over the directory's. */
  readonly groups: Map<string, GroupRow>
  emit(event: DomainEvent): void
}

/** The canonical id at an address that may also be told in its other form; '' for none. */
export function resolve(directory: Directory, jid: string | null | undefined, alt?: string | null): string {
  const id = directory.canonical(jid ?? '')
  if (id !== '' || !alt) return id
  return directory.canonical(alt)
}

/** A person as messages name them: '' for the account itself, null for no address. */
export function toPerson(directory: Directory, jid: string | null | undefined, alt?: string | null): string | null {
  const id = resolve(directory, jid, alt)
  if (id === '') return null
  return isOwn(id, directory.own) ? '' : id
}
