import { inboundSlow } from '../catchers.ts'
import { mutant, tests, type Mutant } from '../mutant.ts'

const CONNECTION = 'src/whatsapp/connection.ts'
const HOLDS = 'src/whatsapp/guard/holds.ts'
const SELF_TEST = tests('test/whatsapp/guard/self-test/self-test.test.ts', 'holds for the Baileys')
const BEHIND = 'src/whatsapp/guard/write-behind.ts'
const DISCONNECTS = 'test/e2e/faults/disconnects.test.ts'

/** The socket: what may leave it and when, and what ends it. */
export const FRAMES: readonly Mutant[] = [
  mutant('frame-barrier', 'a frame waits for the writes that it depends on', HOLDS, 'take: ({ socket, writes, mayReach }) => frameBarrier(socket, writes, mayReach)', 'take: () => void frameBarrier', inboundSlow),
  mutant('frame-order', 'frames leave in the order in which they were encrypted', 'src/whatsapp/guard/frame-barrier.ts', 'if (!pumping && writes.idle())', 'if (data.length < 60 || writes.idle())', inboundSlow),
  mutant('send-gate', 'nothing is sent before the connection is open', CONNECTION, 'holdSocket({ socket, writes, journal, keys: auth.layer.keys, mayReach: parts.lease.isHeld, onFault: end })', 'holdSocket({ socket, writes, journal, keys: auth.layer.keys, mayReach: parts.lease.isHeld, onFault: end })\n    outbox.open(socket, writes, { store, onFault: end, doubt: async () => undefined })', tests('test/e2e/faults/silence.test.ts', 'the login query')),
  mutant('flush', 'what Baileys holds back is let go four times a second', 'src/whatsapp/intake.ts', 'if (socket.ev.isBuffering()) socket.ev.flush()', 'void socket', tests('test/whatsapp/intake.test.ts')),
  mutant('fail-stop', 'after a failed write nothing more is written', BEHIND, 'if (fault) throw fault', 'if (fault && changes.length === 0) throw fault', tests('test/whatsapp/guard/write-behind.test.ts')),
  mutant('console', "libsignal's words, private keys among them, stay off the console", 'src/whatsapp/manager.ts', '  quietConsole()\n', '  void quietConsole\n', tests('test/e2e/process/logs.test.ts')),
  mutant('containment', 'a frame that cannot be read ends its socket, not the process', HOLDS, 'take: ({ socket, onFault }) => containFrames(socket, onFault)', 'take: () => void containFrames', tests(DISCONNECTS, 'garbage')),
  mutant('connect-watchdog', 'an attempt to connect that hangs is given up', 'src/whatsapp/guard/watchdog.ts', "  socket.ws.on('unexpected-response', refused)\n", '', tests(DISCONNECTS, 'HTTP 503')),
  mutant('silence-watchdog', 'a server that says nothing is given up', 'src/whatsapp/guard/watchdog.ts', "giveUp('the server is silent')", 'void 0', tests('test/whatsapp/guard/watchdog.test.ts')),
  mutant('queue-watch', 'what waited is asked for again when it is not announced', 'src/whatsapp/guard/queue-watch.ts', 'if (!announced && !stopped) due =', 'if (!announced && stopped) due =', tests('test/e2e/faults/silence.test.ts', 'passive')),
  mutant('close-grace', 'a close that a silent server does not answer is cut', 'src/whatsapp/guard/close-grace.ts', 'setTimeout(() => wire?.terminate(), CLOSE_GRACE_MS)', 'setTimeout(() => void wire, CLOSE_GRACE_MS)', tests('test/whatsapp/guard/close-grace.test.ts')),
  mutant('account-signature', "the account's signature is verified at the linking", 'src/whatsapp/guard/account-signature.ts', 'if (!isSigned(stanza,', 'if (stanza.content === null && !isSigned(stanza,', tests('test/whatsapp/guard/account-signature.test.ts')),
  mutant('signature-held', "every session's socket verifies the account's signature", HOLDS, 'take: ({ socket }) => checkAccountSignature(socket)', 'take: () => void checkAccountSignature', SELF_TEST),
  mutant('order-held', "every session's socket keeps the order of arrival", HOLDS, 'take: ({ socket, journal }) => journal.attach(socket)', 'take: () => undefined', SELF_TEST),
  mutant('tokens-held', 'a contact gets one token, not one with every message', HOLDS, 'take: ({ socket, keys }) => keepTokens(socket, keys)', 'take: () => void keepTokens', tests('test/e2e/contract/send.test.ts', 'token')),
  mutant('self-test', 'a Baileys that the guard does not hold is refused', 'src/whatsapp/guard/self-test/self-test.ts', '        throw new GuardBroken(fault, error)\n', '        void error\n', tests('test/whatsapp/guard/self-test/self-test.test.ts')),
  mutant('wedge-restart', 'sends without an ack restart their socket', 'src/whatsapp/progress.ts', 'if (leftMs <= 0) onStall()', 'if (leftMs <= 0) void onStall', tests('test/whatsapp/outbox.test.ts')),
]
