import type { WASocket } from '@whiskeysockets/baileys'
import type { Contact } from '../../../schemas/contact.ts'
import { isPhoneJid, lidOf, phoneOf } from '../../jid.ts'
import type { ContactRow, SessionRow } from '../../store/store.ts'

type Asked = Pick<Contact, 'profilePicThumbObj' | 'status' | 'businessProfile' | 'isOnWhatsApp'>

const NOTHING: Asked = { profilePicThumbObj: null, status: null, businessProfile: null, isOnWhatsApp: null }

/** A person from what is stored (`me` when it is the account itself) and, with an open socket, what their profile shows now. */
export async function toContact(id: string, row: ContactRow | null, me: SessionRow['user'], socket: WASocket | null): Promise<Contact> {
  const asked = socket ? await askProfile(socket, id) : NOTHING
  return {
    id: row?.id ?? id,
    phone: row?.phone ?? me?.phone ?? phoneOf(id),
    lid: row?.lid ?? me?.lid ?? lidOf(id),
    name: me?.name ?? row?.name ?? row?.pushName ?? null,
    pushname: me?.name ?? row?.pushName ?? null,
    verifiedName: row?.verifiedName ?? null,
    shortName: row?.shortName ?? null,
    // Last seen comes with presence, which nobody subscribed to here.
    lastSeen: null,
    ...asked,
  }
}

/** Four questions at once; what is hidden, absent or not answered is null. */
async function askProfile(socket: WASocket, id: string): Promise<Asked> {
  const [picture, about, business, registered] = await Promise.all([
    orNull(socket.profilePictureUrl(id, 'preview')),
    orNull(socket.fetchStatus(id)),
    orNull(socket.getBusinessProfile(id)),
    isPhoneJid(id) ? orNull(socket.onWhatsApp(id)) : null,
  ])
  return {
    profilePicThumbObj: picture ? { eurl: picture } : null,
    status: toAbout(about),
    businessProfile: business
      ? { description: business.description || null, address: business.address ?? null, email: business.email ?? null, category: business.category ?? null, websites: business.website ?? [] }
      : null,
    isOnWhatsApp: registered ? registered.some(({ exists }) => exists) : null,
  }
}

/** fetchStatus answers `[{ status: { status, setAt } }]`. */
function toAbout(answers: unknown): string | null {
  const first = Array.isArray(answers) ? (answers[0] as { status?: { status?: unknown } } | undefined) : undefined
  const text = first?.status?.status
  return typeof text === 'string' && text !== '' ? text : null
}

async function orNull<T>(question: Promise<T>): Promise<T | null> {
  try {
    return await question
  } catch {
    return null
  }
}
