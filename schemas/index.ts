import type { TSchema } from '@sinclair/typebox'
import { Chat, Refresh } from './chat.ts'
import { Contact } from './contact.ts'
import { PairingCode, PairingCodeRequest, QrCode } from './linking.ts'
import { Media, Message, MessageState, MessageType, Quoted, Reaction, SendMessage, SentMessage } from './message.ts'
import { Person } from './person.ts'
import { ErrorEntry, Problem } from './problem.ts'
import { Health, ServerStatus, Version } from './server.ts'
import { Session, SessionLogout, SessionRemoval, SessionStart, SessionState } from './session.ts'

/** Every shape with a name, so that a `$ref` finds it. */
export const named: readonly TSchema[] = [
  Person, Problem, ErrorEntry,
  ServerStatus, Health, Version,
  SessionState, Session, SessionStart, SessionLogout, SessionRemoval,
  QrCode, PairingCodeRequest, PairingCode,
  Chat, Refresh, Contact,
  MessageType, MessageState, Reaction, Media, Quoted, Message, SendMessage, SentMessage,
]
