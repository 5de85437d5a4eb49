import { proto } from '@whiskeysockets/baileys'

/** A content in a word, its text, and the id of the message it changes. */
export type Description = { type: string; text: string | null; target: string | null }

type Reader = (content: proto.IMessage) => Omit<Description, 'type'> | null | undefined

const plain = (text: string | null | undefined, target?: string | null): Omit<Description, 'type'> => ({
  text: text ?? null,
  target: target ?? null,
})
const { REVOKE, MESSAGE_EDIT, EPHEMERAL_SETTING } = proto.Message.ProtocolMessage.Type

/** How each kind shows itself in the protobuf, first match first. */
const readers: [string, Reader][] = [
  ['delete', ({ protocolMessage: it }) => (it?.type === REVOKE && it.key ? plain(null, it.key.id) : undefined)],
  ['edit', ({ protocolMessage: it }) => (it?.type === MESSAGE_EDIT ? plain(describe(it.editedMessage ?? {}).text, it.key?.id) : undefined)],
  ['disappearing', ({ protocolMessage: it }) => (it?.type === EPHEMERAL_SETTING ? plain(String(it.ephemeralExpiration ?? 0)) : undefined)],
  ['protocol', ({ protocolMessage: it }) => it && plain(null)],
  ['reaction', ({ reactionMessage: it }) => it && plain(it.text, it.key?.id)],
  ['text', ({ conversation: it }) => (it ? plain(it) : undefined)],
  ['groupInvite', ({ groupInviteMessage: it }) => it && plain(it.caption)],
  ['text', ({ extendedTextMessage: it }) => it && plain(it.text)],
  ['image', ({ imageMessage: it }) => it && plain(it.caption)],
  ['videoNote', ({ ptvMessage: it }) => it && plain(it.caption)],
  ['gif', ({ videoMessage: it }) => (it?.gifPlayback ? plain(it.caption) : undefined)],
  ['video', ({ videoMessage: it }) => it && plain(it.caption)],
  ['voice', ({ audioMessage: it }) => (it?.ptt ? plain(null) : undefined)],
  ['audio', ({ audioMessage: it }) => it && plain(null)],
  ['document', ({ documentMessage: it }) => it && plain(it.caption ?? it.fileName)],
  ['sticker', ({ stickerMessage: it }) => it && plain(null)],
  ['location', ({ locationMessage: it }) => it && plain(it.name)],
  ['liveLocation', ({ liveLocationMessage: it }) => it && plain(it.caption)],
  ['contacts', ({ contactMessage: it }) => it && plain(it.displayName)],
  ['contacts', ({ contactsArrayMessage: it }) => it && plain(it.displayName)],
  ['poll', ({ pollCreationMessage: a, pollCreationMessageV2: b, pollCreationMessageV3: c }) => {
    const it = a ?? b ?? c
    return it && plain(it.name)
  }],
  ['pollVote', ({ pollUpdateMessage: it }) => it && plain(null, it.pollCreationMessageKey?.id)],
  ['event', ({ eventMessage: it }) => it && plain(it.name)],
  ['eventResponse', ({ encEventResponseMessage: it }) => it && plain(null, it.eventCreationMessageKey?.id)],
  ['pin', ({ pinInChatMessage: it }) => it && plain(null, it.key?.id)],
  ['album', ({ albumMessage: it }) => it && plain(null)],
  ['product', ({ productMessage: it }) => it && plain(it.body)],
]

/** The content without its wrappers (own-device copy, disappearing, view once, caption, edit). */
export const unwrap = (content: proto.IMessage): proto.IMessage => {
  const inner =
    content.deviceSentMessage?.message ??
    content.ephemeralMessage?.message ??
    content.viewOnceMessage?.message ??
    content.viewOnceMessageV2?.message ??
    content.viewOnceMessageV2Extension?.message ??
    content.documentWithCaptionMessage?.message ??
    content.editedMessage?.message ??
    content.associatedChildMessage?.message
  return inner ? unwrap(inner) : content
}

/** Says what a content is; a sender key alone is "senderKey", what nobody here knows is "unknown". */
export const describe = (content: proto.IMessage): Description => {
  const inner = unwrap(content)
  for (const [type, read] of readers) {
    const found = read(inner)
    if (found) return { type, ...found }
  }
  return { type: inner.senderKeyDistributionMessage ? 'senderKey' : 'unknown', text: null, target: null }
}
