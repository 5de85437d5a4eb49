import type { proto } from '@whiskeysockets/baileys'
import type { MessageRow } from '../../store/store.ts'
import { isOwn, type Directory } from './directory.ts'
import { fieldOf, type Reading } from './fields.ts'
import { toMedia } from './media.ts'
import { toFilledText, toText } from './values.ts'

/** Wrappers within wrappers that are opened; deeper ones are nobody's honest message. */
const MAX_DEPTH = 8
/** More people than a group holds. */
const MAX_MENTIONS = 2048

/** What a message says, as its row keeps it. */
export type Content = Pick<MessageRow, 'type' | 'text' | 'content' | 'media' | 'quoted' | 'mentions'>

/** A message's innermost part: content to show, an addition to another message, something for machines, or nothing at all. */
export type Opened =
  | { readonly kind: 'content'; readonly reading: Reading }
  | { readonly kind: 'addition'; readonly message: proto.IMessage }
  | { readonly kind: 'silent' | 'empty' }

const EMPTY: Opened = { kind: 'empty' }
const SILENT: Opened = { kind: 'silent' }
const UNSUPPORTED: Opened = { kind: 'content', reading: { type: 'unsupported' } }

/** Opens every wrapper and names what is inside; what this version cannot name is `unsupported`. Additions come before content: Baileys acts on them first. */
export function open(message: proto.IMessage | null | undefined): Opened {
  let inside = message
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    if (!inside) return depth === 0 ? EMPTY : UNSUPPORTED
    const found = look(inside)
    if (found.kind !== 'wrapper') return found
    inside = found.inside
  }
  return UNSUPPORTED
}

function look(message: proto.IMessage): Opened | { readonly kind: 'wrapper'; readonly inside: proto.IMessage | null | undefined } {
  let content: Reading | null = null
  let wrapper: proto.Message.IFutureProofMessage | null = null
  let silent = false
  for (const name of Object.keys(message)) {
    const value = message[name as keyof proto.IMessage]
    if (value === null || value === undefined) continue
    const field = fieldOf(name)
    if (field === 'addition') return { kind: 'addition', message }
    if (field === 'wrapper') wrapper ??= value as proto.Message.IFutureProofMessage
    else if (field === 'silent') silent = true
    else if (typeof field === 'function') content ??= field(value as never)
  }
  if (wrapper !== null) return { kind: 'wrapper', inside: wrapper.message }
  if (content !== null) return { kind: 'content', reading: content }
  return silent ? SILENT : UNSUPPORTED
}

/** A reading as rows keep it, persons by canonical id. */
export function toContent(reading: Reading, directory: Directory): Content {
  const context = reading.context
  return {
    type: reading.type,
    text: toFilledText(reading.text),
    content: toCanonical(reading.content ?? null, directory),
    media: toMedia(reading.media),
    quoted: context ? toQuoted(context, directory) : null,
    mentions: context?.mentionedJid?.length ? toMentions(context.mentionedJid, directory) : [],
  }
}

/** Persons by the ids that everything else names them by. */
function toCanonical(content: MessageRow['content'], directory: Directory): MessageRow['content'] {
  if (content?.type !== 'product' || content.businessId === null) return content
  return { ...content, businessId: directory.canonical(content.businessId) || null }
}

function toQuoted(context: proto.IContextInfo, directory: Directory): MessageRow['quoted'] {
  const id = toFilledText(context.stanzaId)
  if (id === null) return null
  const opened = open(context.quotedMessage)
  const reading = opened.kind === 'content' ? opened.reading : null
  return { id, sender: quotedSender(context, directory), type: reading?.type ?? 'unsupported', text: toFilledText(reading?.text) }
}

function quotedSender(context: proto.IContextInfo, directory: Directory): string | null {
  const id = directory.canonical(context.participant ?? '')
  if (id === '') return null
  return isOwn(id, directory.own) ? '' : id
}

function toMentions(jids: readonly string[], directory: Directory): readonly string[] {
  const mentions = new Set<string>()
  for (const jid of jids) {
    const id = directory.canonical(toText(jid) ?? '')
    if (id !== '') mentions.add(id)
    if (mentions.size === MAX_MENTIONS) break
  }
  return [...mentions]
}
