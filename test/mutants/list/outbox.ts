import { outbound } from '../catchers.ts'
import { mutant, tests, type Mutant } from '../mutant.ts'

const OUTBOX = 'src/whatsapp/outbox.ts'
const IDEMPOTENCY = 'src/whatsapp/idempotency.ts'
const SEND = 'test/e2e/contract/send.test.ts'

/** Accepted sends, from the HTTP answer to the ack. */
export const OUTBOX_LANE: readonly Mutant[] = [
  mutant('idempotency-check', 'a key that is stored is answered with what it brought', OUTBOX, 'const stored = key === null ? null : await', 'const stored = key !== null ? null : await', outbound),
  mutant('check-in-commit', 'the check of a key and its write are one step', OUTBOX, 'const turn = accepting.then(() => place(session, chatId, message, key))', 'const turn = place(session, chatId, message, key)', tests('test/whatsapp/accept.test.ts')),
  mutant('deterministic-id', 'one key gives one message id', IDEMPOTENCY, 'toId(createHmac(\'sha256\', secret).update(key).digest())', 'toId(createHmac(\'sha256\', secret).update(key + randomBytes(8).toString(\'hex\')).digest())', outbound),
  mutant('durable-answer', 'nobody is told of an accepted send before it is durable', OUTBOX, 'await durable.get(placed.message.id)', 'await null', tests('test/whatsapp/accept.test.ts', 'before it is durable')),
  mutant('resend', 'a send without an ack goes again after its link is lost', OUTBOX, '    if (!content) return settle', "    if ((message?.state as string) === 'sending') return settle(row.id, row.chatId, { kind: 'sent' })\n    if (!content) return settle", tests('test/whatsapp/outbox.test.ts')),
  mutant('same-id', 'a send goes again under its own id', OUTBOX, 'await socket.relayMessage(row.chatId, content, { messageId: row.id, additionalNodes', 'await socket.relayMessage(row.chatId, content, { messageId: newMessageId(), additionalNodes', outbound),
  mutant('lane-order', 'sends of a chat go one after the other', OUTBOX, 'await patient.take(turn.chatId, () => send(socket, writes, turn, signal))', 'send(socket, writes, turn, signal).catch(() => undefined)', tests('test/whatsapp/accept.test.ts', 'one after the other')),
  mutant('sent-on-ack', "only the server's ack makes a message sent", OUTBOX, "      return null\n    } catch (error) {", "      await settle(row.id, row.chatId, { kind: 'sent' })\n      return null\n    } catch (error) {", tests('test/e2e/faults/messages.test.ts', 'never says sent')),
  mutant('ghost-check', 'a send needs somebody who would get it', OUTBOX, 'const reachable = await reach(socket, row.chatId)', "const reachable = 'yes' as Awaited<ReturnType<typeof reach>>", tests(SEND, 'fails and is never called sent')),
  mutant('group-key-again', "the group's key goes along again with a message that may be lost", OUTBOX, "(attempt > 1 || message?.state === 'sending')", '(attempt > 1)', tests('test/whatsapp/outbox.test.ts')),
  mutant('new-chat-pause', 'no new chat is begun after WhatsApp forbade it', OUTBOX, 'if (error === REACH_OUT_LOCKED)', "if (error === '')", tests('test/whatsapp/accept.test.ts')),
  mutant('ttl', 'a send that waited too long is given up', OUTBOX, 'if (row.expiresAt <= Date.now()) return expireRow(row)', '', tests('test/whatsapp/accept.test.ts')),
  mutant('act-stored', 'what is to be done to a message is stored before it is accepted', OUTBOX, "[{ kind: 'outbox.put', id, chatId, content: actionText(acting), acceptedAt: at, expiresAt }]", '[]', tests('test/e2e/contract/message-actions.test.ts', '202')),
  mutant('queue-bound', 'no more than so many sends may wait', OUTBOX, 'const isFull = async (): Promise<boolean> => (await waiting()) >= MAX_QUEUED', 'const isFull = async (): Promise<boolean> => (await waiting()) >= MAX_QUEUED * 2', tests(SEND, '429')),
  mutant('retry-content', 'a contact who could not read a send gets it again', 'src/whatsapp/socket.ts', 'const own = id ? await', 'const own = id === \'\' ? await', tests('test/e2e/faults/retry.test.ts')),
]
