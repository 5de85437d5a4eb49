import { createHash, randomBytes } from 'node:crypto'
import { aesEncryptGCM, hmacSign, proto } from '@whiskeysockets/baileys'
import { writeFromPhone } from '../phone/write.ts'
import { Refusal } from '../refusal.ts'
import { parseJid } from '../wire/jid.ts'
import type { Account } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import { personOf } from './people.ts'
import { keyOf, known, type Written } from './writing.ts'

const IV_BYTES = 12
const KEY_BYTES = 32

const optionHash = (name: string): Buffer => createHash('sha256').update(name).digest()

/** Seals what is added to a message for those who have the message's secret. */
const seal = (purpose: 'Poll Vote' | 'Event Response', content: Uint8Array, secret: Uint8Array, id: string, creator: string, author: string): { encPayload: Uint8Array; encIv: Uint8Array } => {
  const info = Buffer.concat([Buffer.from(`${id}${creator}${author}${purpose}`), Buffer.from([1])])
  const key = hmacSign(info, hmacSign(secret, new Uint8Array(KEY_BYTES), 'sha256'), 'sha256')
  const iv = randomBytes(IV_BYTES)
  return { encPayload: aesEncryptGCM(content, key, iv, Buffer.from(`${id}\0${author}`)), encIv: iv }
}

/** The seal names people as the chat addresses them. */
const namesIn = (world: World, chat: string, author: Account) => {
  const isByPhone = parseJid(chat)?.server !== 'g.us' && author.addressing === 'pn'
  return (account: Account): string => (isByPhone ? world.accounts.pn(account) : world.accounts.lidOf(account))
}

/** A person chooses options of a poll; none takes the vote back. */
export const vote = async (world: World, phone: string, pollId: string, options: readonly string[]): Promise<Written> => {
  const voter = personOf(world, phone)
  const target = known(world, voter, pollId)
  const { content } = target
  const poll = content.pollCreationMessage ?? content.pollCreationMessageV2 ?? content.pollCreationMessageV3
  const secret = content.messageContextInfo?.messageSecret
  if (!poll || !secret) throw new Refusal('BAD_REQUEST', 'that message is not a poll')
  const names = new Set((poll.options ?? []).map(({ optionName }) => optionName))
  if (options.some((option) => !names.has(option))) throw new Refusal('BAD_REQUEST', 'the poll has no such option')
  if (poll.selectableOptionsCount && options.length > poll.selectableOptionsCount) throw new Refusal('BAD_REQUEST', 'that is more than one may choose')
  const name = namesIn(world, target.chat, voter)
  const choice = proto.Message.PollVoteMessage.encode({ selectedOptions: options.map(optionHash) }).finish()
  const pollUpdateMessage = {
    pollCreationMessageKey: keyOf(world, target),
    vote: seal('Poll Vote', choice, secret, pollId, name(target.author), name(voter)),
    senderTimestampMs: Date.now(),
  }
  return { id: await writeFromPhone(world, voter, { to: target.chat, content: { pollUpdateMessage } }) }
}

/** A person answers an event. */
export const answerEvent = async (world: World, phone: string, eventId: string, answer: 'GOING' | 'NOT_GOING' | 'MAYBE'): Promise<Written> => {
  const guest = personOf(world, phone)
  const target = known(world, guest, eventId)
  const secret = target.content.messageContextInfo?.messageSecret
  if (!target.content.eventMessage || !secret) throw new Refusal('BAD_REQUEST', 'that message is not an event')
  const name = namesIn(world, target.chat, guest)
  const { EventResponseMessage } = proto.Message
  const response = EventResponseMessage.encode({ response: EventResponseMessage.EventResponseType[answer], timestampMs: Date.now() }).finish()
  const encEventResponseMessage = { eventCreationMessageKey: keyOf(world, target), ...seal('Event Response', response, secret, eventId, name(target.author), name(guest)) }
  return { id: await writeFromPhone(world, guest, { to: target.chat, content: { encEventResponseMessage } }) }
}
