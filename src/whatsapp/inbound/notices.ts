import { proto, type GroupParticipant, type WAMessage } from '@whiskeysockets/baileys'
import type { GroupChange } from '../../events/domain.ts'
import { isGroup } from '../../jid.ts'
import type { MessageKey } from '../../store/store.ts'
import { groupChanged, learnParticipants, participantsChanged } from './group-events.ts'
import type { People } from './people.ts'
import { stubParameters } from './row.ts'
import type { Scope } from './scope.ts'
import { toFilledText, toText } from './values.ts'

const { StubType } = proto.WebMessageInfo

const isOn = (value: string | undefined): boolean => value === 'on' || value === 'true'

/**
 * What a group's notice changes, by the kind of its stub. Baileys tells the same as groups.update, but of several within one
 * flush of its event buffer only the first.
 */
const CHANGES: ReadonlyMap<number, (value: string | undefined) => GroupChange> = new Map<number, (value: string | undefined) => GroupChange>([
  [StubType.GROUP_CHANGE_SUBJECT, (value) => (value === undefined ? {} : { subject: toText(value) ?? '' })],
  [StubType.GROUP_CHANGE_DESCRIPTION, (value) => ({ description: toFilledText(value) })],
  [StubType.GROUP_CHANGE_ANNOUNCE, (value) => ({ announce: isOn(value) })],
  [StubType.GROUP_CHANGE_RESTRICT, (value) => ({ locked: isOn(value) })],
  [StubType.GROUP_CHANGE_INVITE_LINK, (value) => (value === undefined ? {} : { inviteCode: value })],
  [StubType.GROUP_MEMBER_ADD_MODE, (value) => ({ memberAddMode: value === 'all_member_add' })],
  [StubType.GROUP_MEMBERSHIP_JOIN_APPROVAL_MODE, (value) => ({ joinApprovalMode: isOn(value) })],
])

/** What a group's notice says of the people it names. */
const ACTIONS: ReadonlyMap<number, 'add' | 'remove' | 'promote' | 'demote'> = new Map<number, 'add' | 'remove' | 'promote' | 'demote'>([
  [StubType.GROUP_PARTICIPANT_ADD, 'add'],
  [StubType.GROUP_PARTICIPANT_INVITE, 'add'],
  [StubType.GROUP_PARTICIPANT_ADD_REQUEST_JOIN, 'add'],
  [StubType.GROUP_PARTICIPANT_REMOVE, 'remove'],
  [StubType.GROUP_PARTICIPANT_LEAVE, 'remove'],
  [StubType.GROUP_PARTICIPANT_PROMOTE, 'promote'],
  [StubType.GROUP_PARTICIPANT_DEMOTE, 'demote'],
])

/** Takes the pairs of the people whom a group's notice names. */
export function learnFromStub(message: WAMessage, people: People): void {
  const stub = message.messageStubType
  if (stub === null || stub === undefined || stub === StubType.UNKNOWN || stub === StubType.CIPHERTEXT) return
  for (const parameter of stubParameters(message)) {
    if (parameter.startsWith('{')) learnParticipants(toParticipants(parameter), people)
  }
}

/** What a notice says besides being one. Only the notice has an id, by which a second delivery is known, so Baileys' own events of the same are left aside. */
export function stubEvents(message: WAMessage, key: MessageKey, scope: Scope): void {
  if (!isGroup(key.chatId)) return
  const by = key.sender === key.chatId ? null : key.sender
  const parameters = stubParameters(message)
  const change = CHANGES.get(message.messageStubType ?? StubType.UNKNOWN)
  const action = ACTIONS.get(message.messageStubType ?? StubType.UNKNOWN)
  if (change) groupChanged(key.chatId, change(parameters[0]), by, scope)
  else if (action) participantsChanged(key.chatId, action, parameters.flatMap(toParticipants), by, scope)
  else if (message.messageStubType === StubType.GROUP_PARTICIPANT_CHANGE_NUMBER) {
    participantsChanged(key.chatId, 'modify', parameters.filter((jid) => !jid.startsWith('{')).map((id) => ({ id })), by, scope)
  }
}

/** The people in one parameter: JSON that Baileys wrote; none in anything else. */
function toParticipants(parameter: string): readonly GroupParticipant[] {
  try {
    const value: unknown = JSON.parse(parameter)
    return typeof value === 'object' && value !== null ? [toParticipant(value)] : []
  } catch {
    return []
  }
}

function toParticipant(value: object): GroupParticipant {
  const text = (name: string): string | undefined => {
    const field: unknown = Object.getOwnPropertyDescriptor(value, name)?.value
    return typeof field === 'string' ? field : undefined
  }
  const phoneNumber = text('phoneNumber') ?? text('pn')
  const lid = text('lid')
  const admin = text('admin')
  return { id: text('id') ?? '', ...(admin === 'admin' || admin === 'superadmin' ? { admin } : {}), ...(phoneNumber === undefined ? {} : { phoneNumber }), ...(lid === undefined ? {} : { lid }) }
}
