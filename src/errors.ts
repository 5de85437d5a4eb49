/** What each error code means: HTTP status, title, whether the same call may succeed later, and a sentence for `GET /errors`. */
export const catalogue = {
  VALIDATION_FAILED: { status: 400, title: 'Validation failed', retryable: false, meaning: 'A path, query or body field has the wrong shape; `errors` names each one.' },
  MALFORMED_JSON: { status: 400, title: 'Malformed JSON', retryable: false, meaning: 'The request body is not valid JSON.' },
  MALFORMED_REQUEST: { status: 400, title: 'Malformed request', retryable: false, meaning: 'The URL or the HTTP message itself cannot be read.' },
  UNAUTHORIZED: { status: 401, title: 'Unauthorized', retryable: false, meaning: 'No API key was sent, or it is not the right one.' },
  ROUTE_NOT_FOUND: { status: 404, title: 'Route not found', retryable: false, meaning: 'No operation exists at this path.' },
  SESSION_NOT_FOUND: { status: 404, title: 'Session not found', retryable: false, meaning: 'The session does not exist; `POST /sessions/:session_id` creates it.' },
  CHAT_NOT_FOUND: { status: 404, title: 'Chat not found', retryable: false, meaning: 'The session has no such chat.' },
  MESSAGE_NOT_FOUND: { status: 404, title: 'Message not found', retryable: false, meaning: 'The chat has no such message.' },
  WEBHOOK_NOT_FOUND: { status: 404, title: 'Webhook not found', retryable: false, meaning: 'The webhook does not exist; `POST /webhooks` creates one.' },
  DELIVERY_NOT_FOUND: { status: 404, title: 'Delivery not found', retryable: false, meaning: 'The webhook has no such delivery, or it is so old that it is forgotten.' },
  SANDBOX_OFF: { status: 404, title: 'Sandbox is off', retryable: false, meaning: 'The gateway runs against WhatsApp itself; set SANDBOX to try it without a phone.' },
  SANDBOX_TARGET_NOT_FOUND: { status: 404, title: 'Sandbox target not found', retryable: false, meaning: 'The simulated WhatsApp has no such account, contact, group, message or pairing attempt.' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed', retryable: false, meaning: 'The path exists, but not with this HTTP method.' },
  NOT_ACCEPTABLE: { status: 406, title: 'Not acceptable', retryable: false, meaning: 'None of the media types in Accept can be produced.' },
  NOT_LINKED: { status: 409, title: 'Session is not linked', retryable: false, meaning: 'The session has no WhatsApp account; link it first.' },
  ALREADY_LINKED: { status: 409, title: 'Session is already linked', retryable: false, meaning: 'The session already has a WhatsApp account; log it out before linking another.' },
  REQUEST_TIMEOUT: { status: 408, title: 'Request timed out', retryable: true, meaning: 'The request did not arrive whole in time.' },
  QR_NOT_READY: { status: 409, title: 'No QR code now', retryable: true, meaning: 'The session shows no QR code in its present state.' },
  SESSION_REMOVED: { status: 409, title: 'Session is being removed', retryable: false, meaning: 'The session was deleted while the call was waiting.' },
  PAIRING_FAILED: { status: 409, title: 'Pairing failed', retryable: true, meaning: 'The pairing code was not accepted; ask for a new one.' },
  EVENTS_GONE: { status: 410, title: 'Events are gone', retryable: false, meaning: 'Events from that far back were removed by age or number; `oldestSeq` is the oldest one that is kept, and `after` the cursor that reads it.' },
  BODY_TOO_LARGE: { status: 413, title: 'Body too large', retryable: false, meaning: 'The request body is over the limit.' },
  URI_TOO_LONG: { status: 414, title: 'URL too long', retryable: false, meaning: 'A path parameter is over the limit.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'Unsupported media type', retryable: false, meaning: 'The body must be application/json.' },
  TEXT_TOO_LONG: { status: 422, title: 'Text too long', retryable: false, meaning: 'WhatsApp takes at most 65,536 characters in one message.' },
  NOT_ON_WHATSAPP: { status: 422, title: 'Not on WhatsApp', retryable: false, meaning: 'The number or group has no WhatsApp account that could receive the message.' },
  CHAT_NOT_WRITABLE: { status: 422, title: 'Chat cannot be written to', retryable: false, meaning: 'WhatsApp does not let this account write in this chat.' },
  MESSAGE_REJECTED: { status: 422, title: 'Message rejected', retryable: false, meaning: 'WhatsApp answered the message with an error; `detail` holds its code.' },
  MESSAGE_DELETED: { status: 422, title: 'Message is deleted', retryable: false, meaning: 'The message was deleted for everyone, so nothing can be done to it.' },
  MESSAGE_NOT_EDITABLE: { status: 422, title: 'Message cannot be edited', retryable: false, meaning: 'Only texts of the account itself can be edited, for 15 minutes; `detail` says what stands against it.' },
  MESSAGE_NOT_DELETABLE: { status: 422, title: 'Message cannot be deleted', retryable: false, meaning: "Only the account's own messages can be deleted for everyone, and in a group what others wrote, by its admins." },
  URL_NOT_ALLOWED: { status: 422, title: 'URL is not allowed', retryable: false, meaning: 'The gateway does not send requests to this URL; `detail` says which rule refused it, and settings such as WEBHOOK_ALLOW_PRIVATE may allow more.' },
  TOO_MANY_WEBHOOKS: { status: 422, title: 'Too many webhooks', retryable: false, meaning: 'The gateway has as many webhooks as it takes; remove one first.' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'Idempotency key reused', retryable: false, meaning: 'The Idempotency-Key was used before for another message; each message needs a key of its own.' },
  NEW_CHATS_PAUSED: { status: 429, title: 'New chats are paused', retryable: true, meaning: 'WhatsApp does not let this account begin new chats for now (463); known chats go on.' },
  TOO_MANY_STREAMS: { status: 429, title: 'Too many streams', retryable: true, meaning: 'As many event streams are open as the gateway holds; close one, or set EVENT_STREAMS_MAX.' },
  QUEUE_FULL: { status: 429, title: 'Outbox is full', retryable: true, meaning: 'The session has too many messages waiting to be sent.' },
  HEADERS_TOO_LARGE: { status: 431, title: 'Headers too large', retryable: false, meaning: 'The request headers are over the limit.' },
  INTERNAL: { status: 500, title: 'Internal error', retryable: true, meaning: 'A fault of the gateway; quote the X-Request-Id when reporting it.' },
  NOT_CONNECTED: { status: 503, title: 'Session is not connected', retryable: true, meaning: 'The session is linked but has no connection to WhatsApp right now.' },
  OWNER_UNAVAILABLE: { status: 503, title: 'No node has the session right now', retryable: true, meaning: 'Several gateways share the sessions, and the one that had this session is gone or is handing it over.' },
  WHATSAPP_UNAVAILABLE: { status: 503, title: 'WhatsApp did not answer', retryable: true, meaning: 'WhatsApp refused the query or did not answer it in time.' },
  STORE_UNAVAILABLE: { status: 503, title: 'Store is unavailable', retryable: true, meaning: 'The store cannot be read or written right now; nothing was accepted.' },
  SHUTTING_DOWN: { status: 503, title: 'Shutting down', retryable: true, meaning: 'The gateway is stopping and takes no new work.' },
} as const satisfies Record<string, CatalogueEntry>

interface CatalogueEntry {
  readonly status: number
  readonly title: string
  readonly retryable: boolean
  readonly meaning: string
}

/** A code of the catalogue. */
export type ErrorCode = keyof typeof catalogue

/** One faulty field: a JSON pointer into the request, such as `/body/text`, and what is wrong with it. */
export interface FieldError {
  readonly path: string
  readonly message: string
}

/** Where a reader of events can go on. */
export interface Resume {
  readonly oldestSeq?: number
  /** A cursor. */
  readonly after: string
}

/** The one error that is meant for the caller; everything else that is thrown is a fault of ours and answers 500. */
export class Problem extends Error {
  readonly code: ErrorCode
  readonly errors: readonly FieldError[] | undefined
  readonly retryAfterSeconds: number | undefined
  readonly resume: Resume | undefined

  constructor(code: ErrorCode, detail: string, more: { errors?: readonly FieldError[]; retryAfterSeconds?: number; resume?: Resume; cause?: unknown } = {}) {
    super(detail, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'Problem'
    this.code = code
    this.errors = more.errors
    this.retryAfterSeconds = more.retryAfterSeconds
    this.resume = more.resume
  }

  /** The HTTP status of the code. */
  get status(): number {
    return catalogue[this.code].status
  }
}

/** The problem for a session that does not exist, or is not the caller's. */
export const sessionNotFound = (id: string): Problem => new Problem('SESSION_NOT_FOUND', `There is no session '${id}'.`)

/** The problem for a message that a chat does not have. */
export const messageNotFound = (chatId: string, id: string): Problem => new Problem('MESSAGE_NOT_FOUND', `Chat '${chatId}' has no message '${id}'.`)

/** The problem for one field of the request. */
export const invalidField = (path: string, message: string): Problem =>
  new Problem('VALIDATION_FAILED', `${path.replace(/^\//, '').replaceAll('/', '.')} ${message}.`, { errors: [{ path, message }] })
