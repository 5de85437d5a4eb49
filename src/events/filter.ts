import { EVENT_TYPES, isTest, type EventType } from '../../schemas/event.ts'
import { invalidField } from '../errors.ts'

/** What a stream or a page can tell. */
const TOLD = EVENT_TYPES.filter((type) => !isTest(type))
/** Every family of events: what stands before the dot. */
const FAMILIES: ReadonlySet<string> = new Set(EVENT_TYPES.map((type) => type.split('.', 1)[0] ?? type))

/** Which types of event somebody wants to hear of. */
export type EventFilter = (type: string) => boolean

/** Lets every event through. */
export const everyEvent: EventFilter = () => true

/** Whether the text is a type of event, or a family such as `message.*`. */
export const isEventPattern = (text: string): boolean => (TOLD as readonly string[]).includes(text) || (text.endsWith('.*') && FAMILIES.has(text.slice(0, -2)))

/** The filter of some types and families; each has to be one that {@link isEventPattern} knows. */
export function filterOf(patterns: readonly string[]): EventFilter {
  const types = new Set<EventType>(EVENT_TYPES.filter((type) => patterns.some((pattern) => pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))))))
  return (type) => (types as ReadonlySet<string>).has(type)
}

/** The filter of a list in a query, `message.received,session.*`; what is no type of event is a VALIDATION_FAILED problem. */
export function parseFilter(types: string | undefined): EventFilter {
  if (types === undefined) return everyEvent
  const patterns = types.split(',').map((pattern) => pattern.trim()).filter((pattern) => pattern !== '')
  const unknown = patterns.find((pattern) => !isEventPattern(pattern))
  if (unknown !== undefined) throw invalidField('/query/types', `names '${unknown}', which is neither a type of event nor a family such as message.*`)
  return patterns.length === 0 ? everyEvent : filterOf(patterns)
}
