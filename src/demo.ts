/**
 * `npm run demo`: a whole round over HTTP against a gateway with a sandbox, in a process and a folder of its own.
 * Ends by itself: 0 when everything happened, 1 with a sentence when something did not.
 */
import { makeCalls, type Call, type Calls } from './demo/calls.ts'
import { startGateway, type Gateway } from './demo/gateway.ts'

const LIMIT_MS = 20_000
const SHOP = '34600000099'
const ANA = '34600000001'
const HISTORY = { chats: 2, messagesPerChat: 120 }
const PAGE = 50

interface Listed {
  readonly id: string
  readonly text?: string | null
}

const started = Date.now()
const colors = process.stdout.isTTY && process.stdout.hasColors()
const paint = (code: number, text: string): string => (colors ? `\u001B[${code}m${text}\u001B[0m` : text)
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const title = (text: string): void => say(`\n${paint(1, `# ${text}`)}`)
const list = (body: unknown): readonly Listed[] => body as readonly Listed[]
const field = (body: unknown, name: string): unknown => (body as Record<string, unknown>)[name]
const call = (line: string, body?: object): Call => (body ? { line, body } : { line })

let gateway: Gateway | undefined

function abort(words: string, code: number): never {
  gateway?.kill()
  process.stderr.write(`\n${paint(31, words)}\n`)
  process.exit(code)
}

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => abort(`Stopped by ${signal}.`, code))
setTimeout(() => abort(`The demo took longer than ${LIMIT_MS / 1000} s.`, 1), LIMIT_MS).unref()
process.once('exit', () => gateway?.kill())

async function link({ expect, until }: Calls): Promise<void> {
  title('A session asks for a phone: its QR code')
  await expect(200, call('POST /sessions/demo'))
  title('A simulated phone scans it')
  await expect(200, call('POST /sandbox/sessions/demo/scan', { phone: SHOP, name: 'Shop' }))
  await until('The session being linked and open', call('GET /sessions/demo'), (body) => field(body, 'isLoggedIn') === true)
}

async function converse({ expect, until }: Calls): Promise<void> {
  title('Somebody writes')
  const question = 'Are you open today?'
  await expect(200, call('POST /sandbox/contacts', { phone: ANA, name: 'Ana', autoReceipts: 'read' }))
  await expect(201, call(`POST /sandbox/contacts/${ANA}/messages`, { to: SHOP, type: 'text', text: question }))

  title('The API has it')
  await until('Ana being in the list of chats', call('GET /sessions/demo/chats'), (body) => list(body).some(({ id }) => id.startsWith(ANA)))
  await until('The message being in her chat', call(`GET /sessions/demo/chats/${ANA}/messages`), (body) => list(body)[0]?.text === question)

  title('The API answers: 201 once the server has it')
  const sent = await expect(201, call(`POST /sessions/demo/chats/${ANA}/messages`, { text: 'Until eight. See you!' }))
  const id = String(field(sent.body, 'messageId'))

  title("Ana's phone decrypted it, with keys of its own")
  await until('The answer reaching her phone', call(`GET /sandbox/contacts/${ANA}/messages`), (body) => list(body).some((message) => message.id === id))
  title('She reads it, and the receipt comes back')
  await until('The receipt', call(`GET /sessions/demo/chats/${ANA}/messages/${id}`), (body) => field(body, 'state') === 'read')
}

async function page({ expect, until }: Calls): Promise<void> {
  title('The phone hands over its history')
  await expect(201, call('POST /sandbox/history', { account: SHOP, ...HISTORY }))
  const chats = await until('The history', call('GET /sessions/demo/chats'), (body) => list(body).length === 1 + HISTORY.chats)
  const chat = list(chats.body).find(({ id }) => !id.startsWith(ANA))?.id ?? ''
  const messages = `/sessions/demo/chats/${chat}/messages`
  await until('The history being stored', call(`GET ${messages}?limit=200`), (body) => list(body).length === HISTORY.messagesPerChat)

  title('It is read page by page: the Link header names the next one')
  let path: string | null = `${messages}?limit=${PAGE}`
  const ids = new Set<string>()
  let pages = 0
  while (path !== null) {
    const answer = await expect(200, call(`GET ${path}`))
    for (const { id } of list(answer.body)) ids.add(id)
    path = answer.next
    pages += 1
  }
  if (ids.size !== HISTORY.messagesPerChat) throw new Error(`The history holds ${HISTORY.messagesPerChat} messages, and the pages ${ids.size}.`)
  say(`  ${ids.size} messages on ${pages} pages, each of them once.`)
}

async function meet({ expect, until }: Calls): Promise<void> {
  title('Ana makes a group with the shop and writes in it')
  const group = await expect(201, call('POST /sandbox/groups', { subject: 'Saturday', participants: [ANA, SHOP] }))
  const id = String(field(group.body, 'id'))
  const words = 'Who brings the cake?'
  await expect(201, call(`POST /sandbox/contacts/${ANA}/messages`, { to: id, type: 'text', text: words }))
  await until('The message in the group', call(`GET /sessions/demo/chats/${id}/messages`), (body) => list(body).some(({ text }) => text === words))
}

async function leave({ expect }: Calls): Promise<void> {
  title('Nothing that the gateway asked was unknown to the simulated WhatsApp')
  const world = await expect(200, call('GET /sandbox'))
  const unknown = field(world.body, 'unknownStanzas') as unknown[]
  if (unknown.length > 0) throw new Error(`The sandbox did not know ${unknown.length} stanzas of the gateway.`)
  title('The session logs out on WhatsApp and is gone')
  await expect(200, call('DELETE /sessions/demo'))
  await expect(404, call('GET /sessions/demo'))
}

try {
  say('Starting the gateway with a simulated WhatsApp. Answers are shortened.')
  gateway = await startGateway()
  say(`\n  URL=${gateway.url}`)
  const calls = makeCalls(gateway, (kind, text) => say(kind === 'command' ? `${paint(36, '$')} ${text}` : `  ${paint(2, text)}`))
  for (const scene of [link, converse, page, meet, leave]) await scene(calls)
  await gateway.stop()
  gateway = undefined
  say(`\n${paint(32, `All of it happened, in ${((Date.now() - started) / 1000).toFixed(1)} s.`)}`)
} catch (error) {
  const words = error instanceof Error ? error.message : String(error)
  const output = gateway?.output() ?? ''
  abort(`${words}${output === '' ? '' : `\nThe gateway's last words:\n${output}`}`, 1)
}
