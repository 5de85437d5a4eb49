import type { MessageKey, MessageView } from './store.ts'

/** What a backend keeps as JSON: all of a message that no query asks for. */
export type MessageBody = Omit<MessageView, keyof MessageKey | 'timestamp'>

const EMPTY: Omit<MessageBody, 'type'> = { text: null, content: null, state: null, stateTimes: {}, error: null, fingerprint: null, quoted: null, mentions: [], reactions: [], editedAt: null, deletedAt: null, media: null }

/** A message's body; what is null or empty is left out. */
export type ShortBody = Partial<MessageBody> & Pick<MessageBody, 'type'>

/** The body without what is null or empty. */
export const shortBody = ({ type, text, content, state, stateTimes, error, fingerprint, quoted, mentions, reactions, editedAt, deletedAt, media }: MessageView): ShortBody => ({
  type,
  ...(text !== null && { text }),
  ...(content !== null && { content }),
  ...(state !== null && { state }),
  ...(Object.keys(stateTimes).length > 0 && { stateTimes }),
  ...(error !== null && { error }),
  ...(fingerprint !== null && { fingerprint }),
  ...(quoted !== null && { quoted }),
  ...(mentions.length > 0 && { mentions }),
  ...(reactions.length > 0 && { reactions }),
  ...(editedAt !== null && { editedAt }),
  ...(deletedAt !== null && { deletedAt }),
  ...(media !== null && { media }),
})

/** The body that was shortened. */
export const wholeBody = (body: ShortBody): MessageBody => ({ ...EMPTY, ...body })
