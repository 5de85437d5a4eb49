import type { Account, Addressing } from './accounts.ts'
import type { Storage } from './storage.ts'

/** In which form of address somebody last wrote to somebody: receipts come back in it. */
export type Forms = {
  note(writer: Account, chat: Account, form: Addressing): void
  of(writer: Account, chat: Account): Addressing | undefined
}

/** Opens the register kept in storage. */
export const openForms = (storage: Storage): Forms => {
  const rows = storage.collection<Addressing>('forms')
  const key = (writer: Account, chat: Account): string => `${writer.lid}/${chat.lid}`
  return {
    note: (writer, chat, form) => {
      if (rows.get(key(writer, chat)) !== form) rows.set(key(writer, chat), form)
    },
    of: (writer, chat) => rows.get(key(writer, chat)),
  }
}
