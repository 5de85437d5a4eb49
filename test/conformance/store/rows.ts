import type { Change, GroupRow, MessageRow, Page, PageRequest, SessionRow } from '../../../src/store/store.ts'

/** A session row with these fields. */
export const session = (id: string, fields: Partial<SessionRow> = {}): SessionRow => ({
  id,
  state: 'open',
  reason: null,
  stateSince: '2026-01-02T03:04:05.678Z',
  linked: true,
  wanted: true,
  user: { phone: '5215550001', lid: '900', name: 'Ana' },
  createdAt: '2026-01-01T00:00:00.000Z', secret: 's',
  ...fields,
})

/** A message row with these fields. */
export const message = (fields: Partial<MessageRow> = {}): MessageRow => ({
  chatId: '5215550001@s.whatsapp.net',
  id: 'M1',
  sender: '5215550001@s.whatsapp.net',
  type: 'text',
  text: 'hola',
  content: null,
  timestamp: 1_700_000_000,
  state: null,
  stateTimes: {},
  error: null, fingerprint: null,
  quoted: null,
  mentions: [],
  reactions: [],
  editedAt: null,
  deletedAt: null,
  media: null,
  raw: new Uint8Array([1, 2, 3]),
  ...fields,
})

/** A group row with these fields. */
export const group = (fields: Partial<GroupRow> = {}): GroupRow => ({
  id: '120363000000000001@g.us',
  subject: 'Familia',
  description: null,
  owner: '5215550001@s.whatsapp.net',
  createdAt: 1_700_000_000,
  announce: false,
  locked: true,
  ephemeralExpiration: null,
  participants: [{ id: '5215550001@s.whatsapp.net', role: 'superadmin' }],
  raw: '{"any":"thing"}',
  ...fields,
})

/** The change that puts a message row with these fields. */
export const put = (fields: Partial<MessageRow> = {}): Change => ({ kind: 'message.put', message: message(fields) })

/** All rows of a list, page by page. */
export async function walk<Row>(limit: number, ask: (request: PageRequest) => Promise<Page<Row>>): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | null = null
  do {
    const page: Page<Row> = await ask({ limit, cursor })
    rows.push(...page.rows)
    cursor = page.next
  } while (cursor !== null)
  return rows
}
