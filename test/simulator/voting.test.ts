import { createHash } from 'node:crypto'
import { decryptPollVote } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'
import { jid, useTown } from '../support/town.ts'
import { until } from '../support/wait.ts'

const ADA = '15550100001'
const CARL = '15550100003'

const town = useTown()

it.each(['lid', 'pn'] as const)('a contact that writes by %s votes in a poll, in a chat and in a group', async (addressing) => {
  town.simulator.addContact({ phone: CARL, name: 'Carl', addressing })
  const ada = await town.link(ADA, 'Ada')
  const { id: group } = await ada.sock.groupCreate('Trip', [jid(CARL)])
  for (const chat of [jid(CARL), group]) {
    const poll = await ada.sock.sendMessage(chat, { poll: { name: 'Lunch?', values: ['Yes', 'No'], selectableCount: 1 } })
    const pollId = poll?.key.id ?? ''
    await until(() => town.simulator.messagesOf(CARL).some(({ id }) => id === pollId), 'the poll')
    const { id } = await town.simulator.vote(CARL, pollId, ['No'])
    const got = await ada.message(({ key, message }) => key.id === id && Boolean(message))
    const update = got.message?.pollUpdateMessage
    expect(update?.pollCreationMessageKey).toMatchObject({ id: pollId, fromMe: true })
    const isByPhone = addressing === 'pn' && chat !== group
    const vote = decryptPollVote(update?.vote ?? {}, {
      pollMsgId: pollId,
      pollEncKey: poll?.message?.messageContextInfo?.messageSecret ?? new Uint8Array(),
      pollCreatorJid: isByPhone ? jid(ADA) : town.lid(ADA),
      voterJid: isByPhone ? jid(CARL) : town.lid(CARL),
    })
    expect(vote.selectedOptions?.map((hash) => Buffer.from(hash).toString('hex'))).toEqual([createHash('sha256').update('No').digest('hex')])
    await expect(town.simulator.vote(CARL, pollId, ['Maybe'])).rejects.toThrow('no such option')
    await expect(town.simulator.vote(CARL, pollId, ['Yes', 'No'])).rejects.toThrow('more than one may choose')
  }
})
