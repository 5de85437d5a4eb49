import { mergedChat, newChat } from '../rules/chats.ts'
import { chatAt, putChat, takeChat, touchChat } from './chats.ts'
import type { Writes } from './commit.ts'
import { clearMessages } from './message-writes.ts'

/** Writes of chats. */
export const chatWrites: Writes<'chat.merge' | 'chat.touch' | 'chat.delete' | 'chat.clear'> = {
  async 'chat.merge'({ draft }, { id, fields, event }) {
    const stored = await chatAt(draft, draft.keys, id)
    const before = stored ?? newChat(id)
    const merged = mergedChat(before, fields)
    if (merged !== null || stored === null) putChat(draft, stored, merged ?? before)
    if (merged !== null) draft.append(event)
  },
  'chat.touch': ({ draft }, { id, timestamp, unread }) => touchChat(draft, id, timestamp, unread),
  async 'chat.delete'({ draft }, { id, event }) {
    await clearMessages(draft, id)
    if ((await takeChat(draft, id)) !== null) draft.append(event)
  },
  async 'chat.clear'({ draft }, { id, event }) {
    if (await clearMessages(draft, id)) draft.append(event)
  },
}
