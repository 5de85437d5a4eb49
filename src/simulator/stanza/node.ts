import type { BinaryNode } from '@whiskeysockets/baileys'

export type { BinaryNode }

/** The server's own address: one without a user, which clients compare to the letter. */
export const SERVER = '@s.whatsapp.net'

/** Builds a node; attributes that are undefined are left out. */
export const node = (
  tag: string,
  attrs: Record<string, string | undefined> = {},
  content?: BinaryNode[] | string | Uint8Array,
): BinaryNode => {
  const present: Record<string, string> = {}
  for (const [name, value] of Object.entries(attrs)) if (value !== undefined) present[name] = value
  return content === undefined ? { tag, attrs: present } : { tag, attrs: present, content }
}

/** All child nodes, none when the content is text, bytes or absent. */
export const children = (parent: BinaryNode | undefined, tag?: string): BinaryNode[] => {
  if (!parent || !Array.isArray(parent.content)) return []
  return tag === undefined ? parent.content : parent.content.filter((item) => item.tag === tag)
}

/** The first child with this tag. */
export const child = (parent: BinaryNode | undefined, tag: string): BinaryNode | undefined =>
  children(parent, tag)[0]

/** A node's content as bytes, undefined when it holds none. */
export const bytes = (holder: BinaryNode | undefined): Buffer | undefined => {
  const content = holder?.content
  if (typeof content === 'string') return Buffer.from(content, 'utf8')
  if (content instanceof Uint8Array) return Buffer.from(content)
  return undefined
}

/** A node's content as text, empty when it holds none. */
export const text = (holder: BinaryNode | undefined): string => bytes(holder)?.toString('utf8') ?? ''

/** Unix seconds now, as the wire writes them. */
export const now = (): string => Math.floor(Date.now() / 1000).toString()

/** The same address as some clients write it. */
const SERVER_HOST = 's.whatsapp.net'

/** Where an answer to this iq comes from: the address it was sent to. */
const answerer = (iq: BinaryNode): string => {
  const to = iq.attrs['to']
  return !to || to === SERVER_HOST ? SERVER : to
}

/** `<iq type='result'>` for a request. */
export const result = (iq: BinaryNode, content?: BinaryNode[]): BinaryNode =>
  node('iq', { type: 'result', id: iq.attrs['id'], from: answerer(iq) }, content)

/** `<iq type='error'>` for a request, with WhatsApp's numeric code. */
export const failure = (iq: BinaryNode, code: number, words: string): BinaryNode =>
  node('iq', { type: 'error', id: iq.attrs['id'], from: answerer(iq) }, [
    node('error', { code: String(code), text: words }),
  ])
