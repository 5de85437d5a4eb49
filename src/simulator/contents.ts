import { randomBytes } from 'node:crypto'
import type { MediaType, proto } from '@whiskeysockets/baileys'
import { SAMPLES } from './samples.ts'
import type { Sample } from './samples.ts'
import type { Account } from './world/accounts.ts'
import { storeMedia } from './world/media-message.ts'
import type { World } from './world/world.ts'

/** The kinds of media a person sends. */
export const MEDIA_KINDS = ['image', 'video', 'gif', 'videoNote', 'audio', 'voice', 'document', 'sticker'] as const

/** One of them. */
export type MediaKind = (typeof MEDIA_KINDS)[number]

/** What every message may have besides its content. */
export type ContentContext = {
  /** The message that is answered: one the writer received or wrote. */
  quoted?: string | undefined
  /** Phones that the text mentions. */
  mentions?: readonly string[] | undefined
  forwarded?: boolean | undefined
  /** Seconds after which the message disappears. */
  expirationSeconds?: number | undefined
}

/** What a scripted person writes. A media message without a file carries a small sample of its kind. */
export type Speech = ContentContext & (
  | { type: 'text'; text: string }
  | {
    type: MediaKind
    text?: string | undefined
    base64?: string | undefined
    mimetype?: string | undefined
    fileName?: string | undefined
    viewOnce?: boolean | undefined
  }
  | { type: 'location'; latitude: number; longitude: number; name?: string | undefined; address?: string | undefined }
  | { type: 'contacts'; contacts: readonly { name: string; phone: string }[] }
  | { type: 'poll'; text: string; options: readonly string[]; selectableCount?: number | undefined }
  | { type: 'event'; text: string; description?: string | undefined; startsAt: string }
)

/** A message somebody answers: whose it is, and its content when the phone still has it. */
export type QuotedMessage = { id: string; author: Account; content: proto.IMessage }

const SAMPLE_OF: Record<MediaKind, () => Sample> = {
  image: SAMPLES.image, video: SAMPLES.video, gif: SAMPLES.video, videoNote: SAMPLES.video,
  audio: SAMPLES.audio, voice: SAMPLES.audio, document: SAMPLES.document, sticker: SAMPLES.sticker,
}
const KEYS_OF: Record<MediaKind, MediaType> = {
  image: 'image', video: 'video', gif: 'video', videoNote: 'video', audio: 'audio', voice: 'audio', document: 'document', sticker: 'sticker',
}
const WAVEFORM_PEAKS = 64
const SECRET_BYTES = 32
const SIDE = 16

type MediaSpeech = Extract<Speech, { type: MediaKind }>

const mediaContent = async (world: World, speech: MediaSpeech, contextInfo: proto.IContextInfo): Promise<proto.IMessage> => {
  const sample = SAMPLE_OF[speech.type]()
  const bytes = speech.base64 === undefined ? sample.bytes : Buffer.from(speech.base64, 'base64')
  const fields = await storeMedia(world.media, bytes, KEYS_OF[speech.type])
  const mimetype = speech.mimetype ?? sample.mimetype
  const file = { ...fields, mimetype, mediaKeyTimestamp: Math.floor(Date.now() / 1000), contextInfo, ...(speech.viewOnce && { viewOnce: true }) }
  const caption = speech.text === undefined ? {} : { caption: speech.text }
  switch (speech.type) {
    case 'image': return { imageMessage: { ...file, ...caption, width: SIDE, height: SIDE } }
    case 'video': return { videoMessage: { ...file, ...caption, seconds: 1, width: SIDE, height: SIDE } }
    case 'gif': return { videoMessage: { ...file, ...caption, seconds: 1, width: SIDE, height: SIDE, gifPlayback: true } }
    case 'videoNote': return { ptvMessage: { ...file, seconds: 1, width: SIDE, height: SIDE } }
    case 'audio': return { audioMessage: { ...file, seconds: 1, ptt: false } }
    case 'voice': return { audioMessage: { ...file, seconds: 1, ptt: true, waveform: new Uint8Array(WAVEFORM_PEAKS).fill(30) } }
    case 'sticker': return { stickerMessage: { ...file, width: SIDE, height: SIDE } }
    case 'document': {
      const fileName = speech.fileName ?? sample.fileName
      const documentMessage = { ...file, fileName, title: fileName, ...caption }
      return speech.text === undefined ? { documentMessage } : { documentWithCaptionMessage: { message: { documentMessage } } }
    }
  }
}

const toVcard = ({ name, phone }: { name: string; phone: string }): string =>
  `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;type=CELL;waid=${phone.replace('+', '')}:+${phone.replace('+', '')}\nEND:VCARD`

const contextOf = (world: World, context: ContentContext, quoted: QuotedMessage | undefined): proto.IContextInfo => ({
  ...(quoted && { stanzaId: quoted.id, participant: world.accounts.lidOf(quoted.author), quotedMessage: quoted.content }),
  ...(context.mentions?.length && { mentionedJid: context.mentions.map((phone) => world.accounts.lidOf(world.accounts.ensure({ phone }))) }),
  ...(context.forwarded && { isForwarded: true, forwardingScore: 1 }),
  ...(context.expirationSeconds && { expiration: context.expirationSeconds }),
})

/** The protobuf of what a person writes; files go to the media host first. */
export const toContent = async (world: World, speech: Speech, quoted?: QuotedMessage): Promise<proto.IMessage> => {
  const contextInfo = contextOf(world, speech, quoted)
  const isPlain = Object.keys(contextInfo).length === 0
  const messageContextInfo = { messageSecret: randomBytes(SECRET_BYTES) }
  switch (speech.type) {
    case 'text':
      return isPlain ? { conversation: speech.text } : { extendedTextMessage: { text: speech.text, contextInfo } }
    case 'location':
      return {
        locationMessage: {
          degreesLatitude: speech.latitude, degreesLongitude: speech.longitude,
          name: speech.name ?? null, address: speech.address ?? null, contextInfo,
        },
      }
    case 'contacts': {
      const contacts = speech.contacts.map((contact) => ({ displayName: contact.name, vcard: toVcard(contact) }))
      const [first] = contacts
      return contacts.length === 1 && first
        ? { contactMessage: { ...first, contextInfo } }
        : { contactsArrayMessage: { displayName: `${contacts.length} contacts`, contacts, contextInfo } }
    }
    case 'poll':
      return {
        messageContextInfo,
        pollCreationMessageV3: {
          name: speech.text,
          options: speech.options.map((optionName) => ({ optionName })),
          selectableOptionsCount: speech.selectableCount ?? 1,
          contextInfo,
        },
      }
    case 'event':
      return {
        messageContextInfo,
        eventMessage: {
          name: speech.text, description: speech.description ?? null,
          startTime: Math.floor(Date.parse(speech.startsAt) / 1000), contextInfo,
        },
      }
    default:
      return mediaContent(world, speech, contextInfo)
  }
}
