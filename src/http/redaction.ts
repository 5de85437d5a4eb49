/** Where a logged object could hold a key or what people write; none of it is logged on purpose. */
export const REDACTED = [
  'headers', '*.headers', 'body', '*.body', 'authorization', '*.authorization', 'apiKey', '*.apiKey', 'apikey', '*.apikey', '["x-api-key"]', '*["x-api-key"]', 'text', '*.text',
] as const
