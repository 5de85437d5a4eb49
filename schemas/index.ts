import type { TSchema } from '@sinclair/typebox'
import { ChatChange, ChatPresence } from './chat-change.ts'
import { Chat, Refresh } from './chat.ts'
import { Cluster } from './cluster.ts'
import { ContactCheck, ContactCheckRequest } from './contact-check.ts'
import { Contact } from './contact.ts'
import { Event, EVENT_SHAPES, StoredEvent } from './event.ts'
import { SessionStep } from './event-session.ts'
import { MessageRef } from './event-shape.ts'
import { PairingCode, PairingCodeRequest, QrCode } from './linking.ts'
import { EditMessage, SetReaction } from './message-action.ts'
import { MESSAGE_CONTENTS, MessageContent } from './message-content.ts'
import { Media, Message, MessageState, MessageType, Quoted, Reaction, SentMessage, StateTimes } from './message.ts'
import { Person } from './person.ts'
import { ErrorEntry, Problem } from './problem.ts'
import { SEND_SHAPES, SendMessage } from './send-message.ts'
import { Health, ServerStatus, Version } from './server.ts'
import {
  SandboxAccount, SandboxCall, SandboxContact, SandboxDeletion, SandboxDevice, SandboxEdit, SandboxGroup, SandboxLinked, SandboxMessage, SandboxNewContact, SandboxPairing,
  SandboxPresence, SandboxReaction, SandboxReceipts, SandboxScan, SandboxState, SandboxUnknown, SandboxVote, SandboxWholeMessage, SandboxWritten,
} from './sandbox.ts'
import { SandboxCards, SandboxEvent, SandboxLocation, SandboxMedia, SandboxPoll, SandboxSpeech, SandboxText } from './sandbox-speech.ts'
import {
  SandboxChatChange, SandboxFault, SandboxGroupChange, SandboxHistory, SandboxHistoryMade, SandboxMembership, SandboxMembershipOutcome, SandboxNewFault, SandboxNewGroup, SandboxSetting,
} from './sandbox-world.ts'
import {
  Delivery, DeliveryState, FailedReplay, NewWebhook, RangeReplay, Webhook, WebhookEventName, WebhookPatch, WebhookReplay, WebhookReplayed, WebhookTest, WebhookWithSecret,
} from './webhook.ts'
import { Session, SessionLogout, SessionRemoval, SessionStart, SessionState } from './session.ts'

/** Every shape with a name, so that a `$ref` finds it. */
export const named: readonly TSchema[] = [
  Cluster,
  Person, Problem, ErrorEntry,
  ServerStatus, Health, Version,
  SessionState, Session, SessionStart, SessionLogout, SessionRemoval,
  QrCode, PairingCodeRequest, PairingCode,
  Chat, ChatChange, ChatPresence, Refresh, Contact, ContactCheckRequest, ContactCheck,
  MessageType, MessageState, StateTimes, Reaction, Media, Quoted, ...MESSAGE_CONTENTS, MessageContent, Message, ...SEND_SHAPES, SendMessage, SentMessage, SetReaction, EditMessage,
  WebhookEventName, Webhook, WebhookWithSecret, NewWebhook, WebhookPatch, WebhookTest, DeliveryState, Delivery, RangeReplay, FailedReplay, WebhookReplay, WebhookReplayed,
  MessageRef, SessionStep, ...EVENT_SHAPES, Event, StoredEvent,
  SandboxDevice, SandboxAccount, SandboxContact, SandboxGroup, SandboxUnknown, SandboxState, SandboxScan, SandboxPairing, SandboxLinked,
  SandboxNewContact, SandboxWritten, SandboxMessage, SandboxWholeMessage, SandboxReceipts, SandboxPresence, SandboxCall, SandboxReaction, SandboxVote, SandboxEdit, SandboxDeletion,
  SandboxText, SandboxMedia, SandboxLocation, SandboxCards, SandboxPoll, SandboxEvent, SandboxSpeech,
  SandboxNewGroup, SandboxGroupChange, SandboxMembership, SandboxMembershipOutcome, SandboxHistory, SandboxHistoryMade, SandboxNewFault, SandboxFault, SandboxChatChange, SandboxSetting,
]
