/** Where a logged object could hold a key or what people write; none of it is logged on purpose. */
export const REDACTED = [
  'headers', '*.headers', 'body', '*.body', 'authorization', '*.authorization', 'apiKey', '*.apiKey', 'apikey', '*.apikey', '["x-api-key"]', '*["x-api-key"]', 'text', '*.text',
] as const

const MAX_MESSAGE_LENGTH = 500
const MAX_STACK_LENGTH = 4000

/** An error as it is logged: what it says and where it was, but nothing that was attached to it, which may be a stanza or a message. */
export function toLoggedError(error: unknown): { type: string; message: string; stack: string; code?: string } {
  if (!(error instanceof Error)) return { type: typeof error, message: '', stack: '' }
  const { code } = error as { code?: unknown }
  return {
    type: error.name,
    message: error.message.slice(0, MAX_MESSAGE_LENGTH),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    stack: (error.stack ?? '').slice(0, MAX_STACK_LENGTH),
  }
}
