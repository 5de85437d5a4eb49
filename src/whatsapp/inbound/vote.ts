import { createHash } from 'node:crypto'
import { decryptPollVote, normalizeMessageContent, proto } from '@whiskeysockets/baileys'
import type { PollVote } from '../../events/domain.ts'

/** A poll and everything that opens a vote in it. */
export interface Ballot {
  /** The poll's message as it is stored: protobuf `WebMessageInfo`. */
  readonly poll: Uint8Array
  readonly pollId: string
  /** Every address of who made the poll, and of who votes: the seal names them by one, which depends on the chat. */
  readonly creators: readonly string[]
  readonly voters: readonly string[]
}

/** The names of the options that a sealed vote chooses; null when it cannot be opened with this poll. */
export function openVote({ payload, iv }: Extract<PollVote, { sealed: object }>['sealed'], { poll, pollId, creators, voters }: Ballot): readonly string[] | null {
  const message = proto.WebMessageInfo.decode(poll).message
  const content = normalizeMessageContent(message ?? undefined)
  const secret = message?.messageContextInfo?.messageSecret ?? content?.messageContextInfo?.messageSecret
  const made = content?.pollCreationMessage ?? content?.pollCreationMessageV2 ?? content?.pollCreationMessageV3 ?? content?.pollCreationMessageV5
  if (!secret || !made) return null
  const names = new Map((made.options ?? []).flatMap(({ optionName }) => (optionName ? [[hashOf(optionName), optionName]] : [])))
  for (const pollCreatorJid of creators) {
    for (const voterJid of voters) {
      const hashes = attempt(() => decryptPollVote({ encPayload: payload, encIv: iv }, { pollCreatorJid, pollMsgId: pollId, pollEncKey: secret, voterJid }).selectedOptions)
      if (hashes) return hashes.flatMap((hash) => names.get(Buffer.from(hash).toString('base64')) ?? [])
    }
  }
  return null
}

const hashOf = (name: string): string => createHash('sha256').update(name).digest('base64')

/** A wrong address does not open the seal, and that is told by an error. */
function attempt<T>(open: () => T): T | null {
  try {
    return open()
  } catch {
    return null
  }
}
