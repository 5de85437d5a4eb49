import { normalizeMessageContent, proto } from '@whiskeysockets/baileys'

/** What was added to a message in a form that only the message's secret opens. */
export interface Sealed {
  readonly payload: Uint8Array
  readonly iv: Uint8Array
}

/** The message that something is added to, and who may have sealed it for whom. */
export interface SealedTo {
  /** As it is stored: protobuf `WebMessageInfo`. */
  readonly message: Uint8Array
  readonly id: string
  /** Every address of who wrote the message, and of who adds to it: the seal names them by one, which depends on the chat. */
  readonly creators: readonly string[]
  readonly authors: readonly string[]
}

/** What `open` makes of the seal with the message's content, its secret and the right addresses; null when none of them opens it. */
export function unseal<T>({ message, creators, authors }: SealedTo, open: (content: proto.IMessage, secret: Uint8Array, creator: string, author: string) => T | null): T | null {
  const stored = proto.WebMessageInfo.decode(message).message
  const content = normalizeMessageContent(stored ?? undefined)
  const secret = stored?.messageContextInfo?.messageSecret ?? content?.messageContextInfo?.messageSecret
  if (!content || !secret) return null
  for (const creator of creators) {
    for (const author of authors) {
      const opened = attempt(() => open(content, secret, creator, author))
      if (opened !== null) return opened
    }
  }
  return null
}

/** A wrong address does not open the seal, and that is told by an error. */
function attempt<T>(open: () => T): T | null {
  try {
    return open()
  } catch {
    return null
  }
}
