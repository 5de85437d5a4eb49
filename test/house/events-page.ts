import { EVENT_KINDS, EVENT_TYPES, isLive, isTest } from '../../schemas/event.ts'
import { named } from '../../schemas/index.ts'

interface Shape {
  readonly $ref?: string
  readonly $id?: string
  readonly type?: string
  readonly enum?: readonly string[]
  readonly description?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
}

/** The heading of each family of events. */
const FAMILIES: Readonly<Record<string, string>> = {
  message: 'Messages', poll: 'Polls', event: 'Events in chats', session: 'Sessions', chat: 'Chats', contact: 'Contacts', blocklist: 'Blocklist', presence: 'Presence', group: 'Groups',
  call: 'Calls', label: 'Labels', channel: 'Channels', settings: 'Settings', account: 'Account', history: 'History', webhook: 'Webhooks',
}

const SHARED = ['MessageRef', 'Person', 'SessionStep']

const shapeOf = (name: string): Shape => {
  const found = named.find(({ $id }) => $id === name) as Shape | undefined
  if (!found) throw new Error(`no shape is called ${name}`)
  return found
}

const familyOf = (type: string): string => type.split('.', 1)[0] ?? type
const cell = (text: string): string => text.replaceAll('|', '\\|')

/** The type of a field in words. */
function words(shape: Shape): string {
  if (shape.$ref !== undefined) return SHARED.includes(shape.$ref) ? `[${shape.$ref}](#${shape.$ref.toLowerCase()})` : shape.$ref
  if (shape.anyOf !== undefined) return shape.anyOf.map(words).join(' or ')
  if (shape.enum !== undefined) return shape.enum.map((value) => `\`${value}\``).join(', ')
  if (shape.type === 'array') return `list of ${words(shape.items ?? {})}`
  return shape.format === 'date-time' ? 'time' : (shape.type ?? 'any JSON')
}

/** One row a field; fields of an object within follow it under their path. */
function rows(shape: Shape, path = ''): string[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, field]) => {
    const inner = field.properties === undefined ? (field.anyOf?.find(({ properties }) => properties !== undefined) ?? null) : field
    const optional = shape.required?.includes(name) === true ? '' : ', may be left out'
    return [`| \`${path}${name}\` | ${words(field)}${optional} | ${cell(field.description ?? (field.$ref === undefined ? '' : (shapeOf(field.$ref).description ?? '')))} |`, ...(inner === null ? [] : rows(inner, `${path}${name}.`))]
  })
}

const table = (shape: Shape): string[] => {
  const found = rows(shape)
  return found.length === 0 ? [] : ['| field | type | what it is |', '|---|---|---|', ...found, '']
}

function section(type: (typeof EVENT_TYPES)[number]): string[] {
  const { description, data } = EVENT_KINDS[type] as { description: string; data: Shape }
  const kept = isLive(type) ? ['Live only: not stored.', ''] : isTest(type) ? ['Posted to that webhook alone: not stored, and `session` is null.', ''] : []
  return [`### ${type}`, '', description, '', ...kept, ...(data.$ref === undefined ? table(data) : [`\`data\` is a ${words(data)}.`, ''])]
}

/** docs/events.md as the shapes say it should be. */
export function renderEvents(): string {
  const families = [...new Set(EVENT_TYPES.map(familyOf))]
  return [
    '# Events',
    '',
    'What Puente tells of: read page by page (`GET /sessions/:session_id/events`, `GET /events`), followed live (the same with `Accept: text/event-stream`), or posted to webhooks.',
    'This page is written from `schemas/event*.ts` and checked by a test: after a change there, run `UPDATE_DOCS=1 npx vitest run test/house/events.test.ts`.',
    '',
    '## Every event',
    '',
    '| field | type | what it is |',
    '|---|---|---|',
    '| `id` | string | Unique, the same however often and in whichever way the event is told: what to tell repeats by. |',
    '| `type` | string | One of the types below. |',
    '| `session` | string | The session it is about; null for what is posted on request alone. |',
    "| `seq` | integer | Its place in the session's log: from 1, without gaps; null for what is not stored. |",
    '| `timestamp` | time | When the gateway learnt of it. |',
    '| `data` | object | What happened, as below. |',
    '',
    'Times are RFC 3339 in UTC with milliseconds; a `timestamp` inside a message is in Unix seconds, as everywhere in the API. New fields may come, new types too; a field that is documented does not change.',
    'Messages and session events are told at least once and in the order of `seq`; receipts, presence and calls as well as WhatsApp tells them.',
    '',
    ...families.flatMap((family) => [`## ${FAMILIES[family] ?? ''}`, '', ...EVENT_TYPES.filter((type) => familyOf(type) === family).flatMap(section)]),
    '## Shared shapes',
    '',
    '`Message` is what `GET /sessions/:session_id/chats/:chat_id/messages` answers, as it was when the event happened.',
    '',
    ...SHARED.flatMap((name) => [`### ${name}`, '', shapeOf(name).description ?? '', '', ...table(shapeOf(name))]),
  ].join('\n').trimEnd() + '\n'
}
