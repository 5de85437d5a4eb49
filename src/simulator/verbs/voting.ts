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

/** Seals a vote for those who have the poll's secret. */
const seal = (vote: Uint8Array, secret: Uint8Array, pollId: string, creator: string, voter: string): proto.Message.IPollEncValue => {
  const purpose = Buffer.concat([Buffer.from(`${pollId}${creator}${voter}Poll Vote`), Buffer.from([1])])
  const key = hmacSign(purpose, hmacSign(secret, new Uint8Array(KEY_BYTES), 'sha256'), 'sha256')
  const iv = randomBytes(IV_BYTES)
  return { encPayload: aesEncryptGCM(vote, key, iv, Buffer.from(`${pollId}\0${voter}`)), encIv: iv }
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
  // The seal names people as the chat addresses them.
  const isByPhone = parseJid(target.chat)?.server !== 'g.us' && voter.addressing === 'pn'
  const name = (account: Account): string => (isByPhone ? world.accounts.pn(account) : world.accounts.lidOf(account))
  const choice = proto.Message.PollVoteMessage.encode({ selectedOptions: options.map(optionHash) }).finish()
  const pollUpdateMessage = {
    pollCreationMessageKey: keyOf(world, target),
    vote: seal(choice, secret, pollId, name(target.author), name(voter)),
    senderTimestampMs: Date.now(),
  }
  return { id: await writeFromPhone(world, voter, { to: target.chat, content: { pollUpdateMessage } }) }
}
