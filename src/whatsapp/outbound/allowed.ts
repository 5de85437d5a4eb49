import { Problem } from '../../errors.ts'
import { isGroup, phoneJid } from '../../jid.ts'
import type { GroupRow, MessageRow, SessionRow } from '../../store/store.ts'
import type { Action } from './action.ts'

/** How long WhatsApp's clients let a message be edited. */
const EDITABLE_MS = 15 * 60_000
/** One emoji, whatever it is made of. */
const EMOJI = new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v')
const GONE: ReadonlySet<string | null> = new Set(['failed', 'expired'])

/** Throws what stands against the action: VALIDATION_FAILED, MESSAGE_NOT_EDITABLE, MESSAGE_NOT_DELETABLE, MESSAGE_DELETED. */
export function assertAllowed(action: Action, message: MessageRow, session: SessionRow, group: GroupRow | null, nowMs: number): void {
  if (message.deletedAt !== null) throw new Problem('MESSAGE_DELETED', 'The message was deleted.')
  switch (action.kind) {
    case 'reaction':
      if (action.emoji !== null && !EMOJI.test(action.emoji)) throw new Problem('VALIDATION_FAILED', 'body.emoji must be one emoji.', { errors: [{ path: '/body/emoji', message: 'must be one emoji' }] })
      return
    case 'edit':
      if (message.sender !== '') throw new Problem('MESSAGE_NOT_EDITABLE', 'Only messages of this account can be edited.')
      if (message.type !== 'text') throw new Problem('MESSAGE_NOT_EDITABLE', `Only texts can be edited, and this is a message of type ${message.type}.`)
      if (GONE.has(message.state)) throw new Problem('MESSAGE_NOT_EDITABLE', 'The message was never sent.')
      if (nowMs - message.timestamp * 1000 > EDITABLE_MS) throw new Problem('MESSAGE_NOT_EDITABLE', 'WhatsApp lets a message be edited for 15 minutes only.')
      return
    case 'deletion':
      if (GONE.has(message.state)) throw new Problem('MESSAGE_NOT_DELETABLE', 'The message was never sent.')
      if (message.sender !== '' && !isAdmin(session, group)) throw new Problem('MESSAGE_NOT_DELETABLE', isGroup(message.chatId) ? "Only a group's admins can delete what others wrote." : 'Only messages of this account can be deleted for everyone.')
  }
}

const isAdmin = (session: SessionRow, group: GroupRow | null): boolean =>
  session.user !== null && group?.participants.some(({ id, role }) => role !== 'member' && (id === phoneJid(session.user?.phone ?? '') || id === '')) === true
