import type { proto } from '@whiskeysockets/baileys'
import type { MessageContent } from '../../../schemas/message-content.ts'
import type { MessageType } from '../../../schemas/message.ts'
import type { MediaFields } from './media.ts'
import { toContacts, toEvent, toGroupInvite, toInteractiveReply, toLiveLocation, toLocation, toOrder, toPoll, toProduct, toReply } from './typed.ts'

/** What one field of a message's content says. `text` is its body or caption. */
export interface Reading {
  readonly type: MessageType
  readonly text?: string | null | undefined
  readonly media?: MediaFields | null | undefined
  readonly context?: proto.IContextInfo | null | undefined
  /** What else it says. */
  readonly content?: MessageContent | null | undefined
}

/**
 * How a field is taken: `wrapper` holds another message; `addition` changes or concerns another message and is none itself;
 * `silent` is for machines; `aside` accompanies content and says nothing of its own.
 */
export type FieldRole = 'wrapper' | 'addition' | 'silent' | 'aside'

type M = proto.IMessage
type Fields = { readonly [F in keyof M]-?: FieldRole | ((value: NonNullable<M[F]>) => Reading) }

type PollCreation = proto.Message.IPollCreationMessage
type Template = proto.Message.ITemplateMessage

const poll = (value: PollCreation): Reading => ({ type: 'poll', text: value.name, context: value.contextInfo, content: toPoll(value) })
const snapshot = (value: proto.Message.IPollResultSnapshotMessage): Reading => ({ type: 'poll', text: value.name, context: value.contextInfo })
const note = (message: M | null | undefined): string | null | undefined => message?.extendedTextMessage?.text ?? message?.conversation
const noteContext = (message: M | null | undefined): proto.IContextInfo | null | undefined => message?.extendedTextMessage?.contextInfo
const call = (): Reading => ({ type: 'call' })

function template(value: Template): Reading {
  const body = value.hydratedTemplate ?? value.hydratedFourRowTemplate
  const interactive = value.interactiveMessageTemplate
  return {
    type: 'template',
    text: body?.hydratedContentText ?? interactive?.body?.text ?? value.fourRowTemplate?.content?.deterministicLc,
    media: body?.imageMessage ?? body?.videoMessage ?? body?.documentMessage ?? headerMedia(interactive),
    context: value.contextInfo ?? interactive?.contextInfo,
  }
}

const headerMedia = (value: proto.Message.IInteractiveMessage | null | undefined): MediaFields | null | undefined =>
  value?.header?.imageMessage ?? value?.header?.videoMessage ?? value?.header?.documentMessage

/** Every field that a message may have in this version of Baileys: a new one fails to compile until it has its line here. */
const FIELDS: Fields = {
  conversation: (text) => ({ type: 'text', text }),
  extendedTextMessage: (value) => ({ type: 'text', text: value.text, context: value.contextInfo }),
  imageMessage: (value) => ({ type: 'image', text: value.caption, media: value, context: value.contextInfo }),
  videoMessage: (value) => ({ type: value.gifPlayback === true ? 'gif' : 'video', text: value.caption, media: value, context: value.contextInfo }),
  ptvMessage: (value) => ({ type: 'videoNote', text: value.caption, media: value, context: value.contextInfo }),
  audioMessage: (value) => ({ type: value.ptt === true ? 'voice' : 'audio', media: value, context: value.contextInfo }),
  documentMessage: (value) => ({ type: 'document', text: value.caption, media: value, context: value.contextInfo }),
  stickerMessage: (value) => ({ type: 'sticker', media: value, context: value.contextInfo }),
  stickerPackMessage: (value) => ({ type: 'sticker', text: value.caption, context: value.contextInfo }),
  albumMessage: (value) => ({ type: 'album', context: value.contextInfo }),
  locationMessage: (value) => (value.isLive === true
    ? { type: 'liveLocation', text: value.comment, context: value.contextInfo, content: toLiveLocation(value) }
    : { type: 'location', text: value.comment, context: value.contextInfo, content: toLocation(value) }),
  liveLocationMessage: (value) => ({ type: 'liveLocation', text: value.caption, context: value.contextInfo, content: toLiveLocation(value) }),
  contactMessage: (value) => ({ type: 'contacts', context: value.contextInfo, content: toContacts([value]) }),
  contactsArrayMessage: (value) => ({ type: 'contacts', context: value.contextInfo, content: toContacts(value.contacts ?? []) }),
  pollCreationMessage: poll,
  pollCreationMessageV2: poll,
  pollCreationMessageV3: poll,
  pollCreationMessageV4: 'wrapper',
  pollCreationMessageV5: poll,
  pollResultSnapshotMessage: snapshot,
  pollResultSnapshotMessageV3: snapshot,
  eventMessage: (value) => ({ type: 'event', text: value.name, context: value.contextInfo, content: toEvent(value) }),
  groupInviteMessage: (value) => ({ type: 'groupInvite', text: value.caption, context: value.contextInfo, content: toGroupInvite(value) }),
  newsletterAdminInviteMessage: (value) => ({ type: 'newsletterInvite', text: value.caption, context: value.contextInfo }),
  newsletterFollowerInviteMessageV2: (value) => ({ type: 'newsletterInvite', text: value.caption, context: value.contextInfo }),
  productMessage: (value) => ({ type: 'product', text: value.body, context: value.contextInfo, content: toProduct(value) }),
  orderMessage: (value) => ({ type: 'order', text: value.message, context: value.contextInfo, content: toOrder(value) }),
  listMessage: (value) => ({ type: 'list', text: value.description, context: value.contextInfo }),
  buttonsMessage: (value) => ({ type: 'buttons', text: value.contentText, media: value.imageMessage ?? value.videoMessage ?? value.documentMessage, context: value.contextInfo }),
  templateMessage: template,
  highlyStructuredMessage: (value) => (value.hydratedHsm ? template(value.hydratedHsm) : { type: 'template', text: value.deterministicLc }),
  interactiveMessage: (value) => ({ type: 'interactive', text: value.body?.text, media: headerMedia(value), context: value.contextInfo }),
  richResponseMessage: (value) => ({ type: 'text', text: value.submessages?.flatMap((part) => part.messageText ?? []).join('\n'), context: value.contextInfo }),
  buttonsResponseMessage: (value) => ({ type: 'reply', text: value.selectedDisplayText, context: value.contextInfo, content: toReply(value.selectedButtonId) }),
  listResponseMessage: (value) => ({ type: 'reply', text: value.title, context: value.contextInfo, content: toReply(value.singleSelectReply?.selectedRowId) }),
  templateButtonReplyMessage: (value) => ({ type: 'reply', text: value.selectedDisplayText, context: value.contextInfo, content: toReply(value.selectedId) }),
  interactiveResponseMessage: (value) => ({ type: 'reply', text: value.body?.text, context: value.contextInfo, content: toInteractiveReply(value) }),
  questionResponseMessage: (value) => ({ type: 'reply', text: value.text }),
  statusQuestionAnswerMessage: (value) => ({ type: 'reply', text: value.text }),
  sendPaymentMessage: (value) => ({ type: 'payment', text: note(value.noteMessage), context: noteContext(value.noteMessage) }),
  requestPaymentMessage: (value) => ({ type: 'payment', text: note(value.noteMessage), context: noteContext(value.noteMessage) }),
  declinePaymentRequestMessage: () => ({ type: 'payment' }),
  cancelPaymentRequestMessage: () => ({ type: 'payment' }),
  paymentInviteMessage: () => ({ type: 'payment' }),
  invoiceMessage: (value) => ({ type: 'payment', text: value.note }),
  call,
  callLogMesssage: call,
  bcallMessage: (value) => ({ type: 'call', text: value.caption }),
  scheduledCallCreationMessage: (value) => ({ type: 'call', text: value.title }),
  scheduledCallEditMessage: call,
  messageHistoryNotice: (value) => ({ type: 'system', context: value.contextInfo }),
  requestPhoneNumberMessage: (value) => ({ type: 'system', context: value.contextInfo }),
  statusQuotedMessage: (value) => ({ type: 'text', text: value.text }),
  statusStickerInteractionMessage: () => ({ type: 'sticker' }),
  placeholderMessage: () => ({ type: 'unsupported' }),

  ephemeralMessage: 'wrapper',
  viewOnceMessage: 'wrapper',
  viewOnceMessageV2: 'wrapper',
  viewOnceMessageV2Extension: 'wrapper',
  documentWithCaptionMessage: 'wrapper',
  editedMessage: 'wrapper',
  deviceSentMessage: 'wrapper',
  groupMentionedMessage: 'wrapper',
  botInvokeMessage: 'wrapper',
  botTaskMessage: 'wrapper',
  botForwardedMessage: 'wrapper',
  lottieStickerMessage: 'wrapper',
  eventCoverImage: 'wrapper',
  statusMentionMessage: 'wrapper',
  groupStatusMentionMessage: 'wrapper',
  groupStatusMessage: 'wrapper',
  groupStatusMessageV2: 'wrapper',
  statusAddYours: 'wrapper',
  pollCreationOptionImageMessage: 'wrapper',
  associatedChildMessage: 'wrapper',
  limitSharingMessage: 'wrapper',
  questionMessage: 'wrapper',
  questionReplyMessage: 'wrapper',
  commentMessage: 'wrapper',

  protocolMessage: 'addition',
  reactionMessage: 'addition',
  encReactionMessage: 'addition',
  encCommentMessage: 'addition',
  pollUpdateMessage: 'addition',
  encEventResponseMessage: 'addition',
  secretEncryptedMessage: 'addition',
  pinInChatMessage: 'addition',
  keepInChatMessage: 'addition',

  senderKeyDistributionMessage: 'silent',
  fastRatchetKeySenderKeyDistributionMessage: 'silent',
  stickerSyncRmrMessage: 'silent',
  messageHistoryBundle: 'silent',
  statusNotificationMessage: 'silent',
  chat: 'silent',
  messageContextInfo: 'aside',
}

/** A reader takes the value of exactly its own field. */
export type Reader = (value: never) => Reading

const TABLE: ReadonlyMap<string, FieldRole | Reader> = new Map<string, FieldRole | Reader>(Object.entries(FIELDS))

/** The line of a field: its role, or the reader of its value; undefined for a name that is no field. */
export const fieldOf = (name: string): FieldRole | Reader | undefined => TABLE.get(name)
