import { Type, type Static, type TObject, type TProperties, type TSchema } from '@sinclair/typebox'
import { Person } from './person.ts'
import { nullable, ref } from './ref.ts'

/** What one type of event says, in words for its readers, and the shape of its `data`. */
export interface EventKind<D extends TSchema = TSchema> {
  readonly description: string
  readonly data: D
}

/** A type of event whose `data` has these fields. */
export const kind = <P extends TProperties>(description: string, data: P): EventKind<TObject<P>> => ({ description, data: Type.Object(data) })

/** A moment, RFC 3339 UTC with milliseconds. */
export const moment = (description: string) => Type.String({ format: 'date-time', description })

/** Somebody, described. */
export const person = (description: string) => Type.Unsafe<Person>({ ...ref(Person), description })

/** Somebody, or null where WhatsApp does not tell. */
export const somebody = (description: string) => nullable(ref(Person), { description })

/** The canonical id of a chat. */
export const chatId = Type.String({ description: 'The canonical JID of the chat.' })

/** Which message an event is about: fields of the message itself, under their names there. */
export const MessageRef = Type.Object(
  {
    id: Type.String({ description: 'Chosen by the sender; unique only within a chat and sender.' }),
    chatId,
    from: person('Who wrote the message.'),
    fromMe: Type.Boolean(),
  },
  { $id: 'MessageRef', description: 'Which message is meant.' },
)
export type MessageRef = Static<typeof MessageRef>

/** The message an event is about. */
export const aboutMessage = { message: ref(MessageRef) }
