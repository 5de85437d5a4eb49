import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/errors.ts'
import type { GroupRow, MessageRow } from '../../src/store/store.ts'
import type { Action } from '../../src/whatsapp/outbound/action.ts'
import { assertAllowed } from '../../src/whatsapp/outbound/allowed.ts'
import { group, message, session } from '../conformance/store/rows.ts'

const NOW = 1_700_000_000_000
const ME = session('a', { user: { phone: '34600000001', lid: '900', name: null } })
const EDIT: Action = { kind: 'edit', text: 'new' }
const DELETION: Action = { kind: 'deletion' }
const mine = (fields: Partial<MessageRow> = {}): MessageRow => message({ sender: '', state: 'sent', timestamp: NOW / 1000 - 60, ...fields })
const withRole = (role: GroupRow['participants'][number]['role']): GroupRow => group({ participants: [{ id: '34600000001@s.whatsapp.net', role }, { id: '34600000002@s.whatsapp.net', role: 'superadmin' }] })

function codeOf(action: Action, row: MessageRow, of: GroupRow | null = null): string | null {
  try {
    assertAllowed(action, row, ME, of, NOW)
    return null
  } catch (error) {
    return error instanceof Problem ? error.code : String(error)
  }
}

describe('what may be done to a message', () => {
  it.each<[string, Action, MessageRow, GroupRow | null, string | null]>([
    ['edit within 15 minutes', EDIT, mine({ timestamp: NOW / 1000 - 899 }), null, null],
    ['edit after 15 minutes', EDIT, mine({ timestamp: NOW / 1000 - 901 }), null, 'MESSAGE_NOT_EDITABLE'],
    ['edit what was never sent', EDIT, mine({ state: 'failed' }), null, 'MESSAGE_NOT_EDITABLE'],
    ['edit what still waits', EDIT, mine({ state: 'queued' }), null, null],
    ['edit a picture', EDIT, mine({ type: 'image' }), null, 'MESSAGE_NOT_EDITABLE'],
    ["edit somebody else's", EDIT, message({ timestamp: NOW / 1000 }), null, 'MESSAGE_NOT_EDITABLE'],
    ['edit what is deleted', EDIT, mine({ deletedAt: 1 }), null, 'MESSAGE_DELETED'],
    ['delete an old one of ours', DELETION, mine({ timestamp: 1 }), null, null],
    ['delete what was never sent', DELETION, mine({ state: 'expired' }), null, 'MESSAGE_NOT_DELETABLE'],
    ["delete somebody else's as an admin", DELETION, message(), withRole('admin'), null],
    ["delete somebody else's as a member", DELETION, message(), withRole('member'), 'MESSAGE_NOT_DELETABLE'],
    ["delete somebody else's in a chat of two", DELETION, message(), null, 'MESSAGE_NOT_DELETABLE'],
    ['react with a family', { kind: 'reaction', emoji: '👨‍👩‍👧' }, message(), null, null],
    ['react with a flag', { kind: 'reaction', emoji: '🇪🇸' }, message(), null, null],
    ['react with two', { kind: 'reaction', emoji: '👍👎' }, message(), null, 'VALIDATION_FAILED'],
    ['take a reaction back', { kind: 'reaction', emoji: null }, message(), null, null],
    ['react to what is deleted', { kind: 'reaction', emoji: '👍' }, message({ deletedAt: 1 }), null, 'MESSAGE_DELETED'],
  ])('%s', (_name, action, row, of, code) => {
    expect(codeOf(action, row, of)).toBe(code)
  })
})
