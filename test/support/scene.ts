import type { FastifyInstance } from 'fastify'
import { until } from './wait.ts'
import { KEY } from './app.ts'

/** What one request of an operation is made of. */
export interface Recipe {
  readonly path?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: unknown
}

type Answer = Awaited<ReturnType<FastifyInstance['inject']>>
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const ME = '34600000001'
const ANA = '34600000002'

/** A linked session in the sandbox, a contact with whom words were exchanged, a group; and for each operation a request that must succeed. */
export interface Scene {
  readonly known: Readonly<Record<string, string>>
  /** By operationId; an operation without one needs only the known path. */
  readonly recipes: Readonly<Record<string, () => Promise<Recipe>>>
  ask(method: Method, url: string, body?: unknown): Promise<Answer>
}

/** Plays the scene over an app whose sandbox is on. */
export async function playScene(app: FastifyInstance): Promise<Scene> {
  const ask = (method: Method, url: string, body?: unknown): Promise<Answer> => app.inject({ method, url, headers: { 'x-api-key': KEY }, ...(body === undefined ? {} : { payload: body as object }) })
  const ok = async <T>(method: Method, url: string, body?: unknown): Promise<T> => {
    const answer = await ask(method, url, body)
    if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.statusCode} ${answer.body}`)
    return answer.json<T>()
  }
  const start = (id: string): Promise<{ state: string }> => ok('POST', `/sessions/${id}`)
  const isOpen = async (id: string): Promise<boolean> => (await ok<{ state: string }>('GET', `/sessions/${id}`)).state === 'open'

  await start('fuzz')
  await ok('POST', '/sandbox/sessions/fuzz/scan', { phone: ME, name: 'Me' })
  await until(() => isOpen('fuzz'), 'the session is open')
  await ok('POST', '/sandbox/contacts', { phone: ANA, name: 'Ana', addressing: 'pn' })
  const { messageId } = await ok<{ messageId: string }>('POST', `/sessions/fuzz/chats/${ANA}/messages`, { text: 'hola' })
  const heard = await ok<{ id: string }>('POST', `/sandbox/contacts/${ANA}/messages`, { to: ME, type: 'text', text: 'buenas' })
  await until(async () => (await ask('GET', `/sessions/fuzz/chats/${ANA}/messages/${heard.id}`)).statusCode === 200, 'her words are here')
  await until(async () => (await ok<{ id: string }[]>('GET', `/sandbox/contacts/${ANA}/messages`)).some(({ id }) => id === messageId), 'she has ours')
  const group = await ok<{ id: string }>('POST', '/sandbox/groups', { subject: 'Team', participants: [ANA, ME, '34600000003'] })

  const hook = await ok<{ id: string }>('POST', '/webhooks', { url: 'http://127.0.0.1:50001/hook', events: ['message.*'] })
  await app.store.commit('fuzz', [{ kind: 'delivery.put', delivery: {
    webhookId: hook.id, seq: 1, eventId: 'evt_1', type: 'session.created', chatId: null, state: 'failed', apart: false, attempts: 1, step: 0, nextAt: null, status: 500, error: 'no', at: 1, durationMs: 1,
  } }])
  const [delivery] = await ok<{ id: string }[]>('GET', `/webhooks/${hook.id}/deliveries`)

  const onSpare = async (): Promise<Recipe> => ({ path: { session_id: 'spare' } })
  const fresh = async (id: string): Promise<Recipe> => {
    await start(id)
    return { path: { session_id: id } }
  }
  return {
    known: { session_id: 'fuzz', chat_id: ANA, message_id: messageId, phone: ANA, group_id: group.id, webhook_id: hook.id, delivery_id: delivery?.id ?? '' },
    ask,
    recipes: {
      startSession: onSpare,
      stopSession: onSpare,
      restartSession: onSpare,
      logoutSession: onSpare,
      deleteSession: onSpare,
      createWebhook: async () => ({ body: { url: 'https://example.com/whatsapp', headers: { Authorization: 'Bearer x' } } }),
      updateWebhook: async () => ({ body: { ordering: 'strict' } }),
      replayWebhook: async () => ({ body: { type: 'failed' } }),
      deleteWebhook: async () => ({ path: { webhook_id: (await ok<{ id: string }>('POST', '/webhooks', { url: 'https://example.com/' })).id } }),
      createPairingCode: async () => ({ path: { session_id: 'code' }, body: { phone: '+34600000005' } }),
      refreshChats: async () => ({ query: 'chats=1' }),
      sendMessage: async () => ({ body: { text: 'otra vez' } }),
      checkContacts: async () => ({ body: { phones: [ANA] } }),
      updateChat: async () => ({ body: { archived: true } }),
      setChatPresence: async () => ({ body: { state: 'composing' } }),
      deleteChat: async () => ({ path: { chat_id: group.id } }),
      setReaction: async () => ({ body: { emoji: '👍' } }),
      editMessage: async () => ({ body: { text: 'hola de nuevo' } }),
      deleteMessage: async () => ({ path: { message_id: (await ok<{ messageId: string }>('POST', `/sessions/fuzz/chats/${ANA}/messages`, { text: 'adiós' })).messageId } }),
      scanSandboxSession: () => fresh('scanned'),
      async scanSandboxQr() {
        await start('pictured')
        const { qr } = await ok<{ qr: string }>('GET', '/sessions/pictured/qr?wait=10')
        return { body: { qr, phone: '34600000007' } }
      },
      async enterSandboxPairingCode() {
        const { code } = await ok<{ code: string }>('POST', '/sessions/typed/pairing-code', { phone: '34600000008' })
        return { body: { phone: '34600000008', code } }
      },
      putSandboxContact: async () => ({ body: { phone: ANA, name: 'Ana María', about: 'hey' } }),
      sendSandboxMessage: async () => ({ body: { to: ME, type: 'text', text: '¿qué tal?' } }),
      sendSandboxReceipts: async () => ({ body: { messageIds: [messageId], type: 'read' } }),
      setSandboxPresence: async () => ({ body: { state: 'composing', to: ME } }),
      sendSandboxReaction: async () => ({ body: { messageId, emoji: '👍' } }),
      async sendSandboxVote() {
        const poll = await ok<{ id: string }>('POST', `/sandbox/contacts/${ANA}/messages`, { to: ME, type: 'poll', text: '¿Vamos?', options: ['Sí', 'No'] })
        return { body: { messageId: poll.id, options: ['Sí'] } }
      },
      startSandboxCall: async () => ({ body: { to: ME } }),
      async endSandboxCall() {
        const { id } = await ok<{ id: string }>('POST', `/sandbox/contacts/${ANA}/calls`, { to: ME })
        return { path: { call_id: id } }
      },
      changeSandboxChat: async () => ({ path: { phone: ME }, body: { chat: ANA, archived: true } }),
      async unlinkSandboxDevice() {
        await start('unlinked')
        const { device } = await ok<{ device: number }>('POST', '/sandbox/sessions/unlinked/scan', { phone: '34600000009' })
        return { path: { phone: '34600000009', device_id: String(device) } }
      },
      sendSandboxEdit: async () => ({ body: { messageId: heard.id, text: 'buenas tardes' } }),
      sendSandboxDeletion: async () => ({ body: { messageId: heard.id } }),
      createSandboxGroup: async () => ({ body: { subject: 'Another', participants: [ANA, ME] } }),
      updateSandboxGroup: async () => ({ body: { subject: 'Crew' } }),
      changeSandboxGroupMembers: async () => ({ body: { action: 'add', participants: ['34600000004'] } }),
      seedSandboxHistory: async () => ({ body: { account: ME, chats: 2, messagesPerChat: 3 } }),
      addSandboxFault: async () => ({ body: { kind: 'mediaGone', account: '34600000099' } }),
    },
  }
}
