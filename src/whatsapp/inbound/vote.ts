import { createHash } from 'node:crypto'
import { decryptPollVote } from '@whiskeysockets/baileys'
import { unseal, type Sealed, type SealedTo } from './sealed.ts'

/** The names of the options that a sealed vote chooses; null when it cannot be opened with this poll. */
export const openVote = ({ payload, iv }: Sealed, poll: SealedTo): readonly string[] | null =>
  unseal(poll, (content, pollEncKey, pollCreatorJid, voterJid) => {
    const made = content.pollCreationMessage ?? content.pollCreationMessageV2 ?? content.pollCreationMessageV3 ?? content.pollCreationMessageV5
    if (!made) return null
    const names = new Map((made.options ?? []).flatMap(({ optionName }) => (optionName ? [[hashOf(optionName), optionName]] : [])))
    const { selectedOptions } = decryptPollVote({ encPayload: payload, encIv: iv }, { pollCreatorJid, pollMsgId: poll.id, pollEncKey, voterJid })
    return (selectedOptions ?? []).flatMap((hash) => names.get(Buffer.from(hash).toString('base64')) ?? [])
  })

const hashOf = (name: string): string => createHash('sha256').update(name).digest('base64')
