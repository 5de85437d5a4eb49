import type { FaultKind, FaultRequest } from './faults.ts'
import { seedHistory, type HistorySeed, type SeededHistory } from './phone/history-seeding.ts'
import { openLinking, type Linked, type Scanner } from './linking/linking.ts'
import { startMediaHost } from './media-host.ts'
import { endCall, startCall } from './verbs/calls.ts'
import { addContact, personOf, showPresence, unlink, type ContactView, type PresenceState } from './verbs/people.ts'
import { addFault, faultView, resetWorld, worldView, type FaultView, type WorldView } from './verbs/world.ts'
import { edit as editMessage, erase, messageOf, messagesOf, react, say, sendReceipt, type MessageView, type Saying, type WholeMessage, type Written } from './verbs/writing.ts'
import { listenAgain, rememberedPorts, rememberPorts } from './ports.ts'
import { changeMembership, editGroup, makeGroup } from './verbs/groups.ts'
import type { GroupEdit, GroupView, Membership, MembershipOutcome, NewGroup } from './verbs/groups.ts'
import { setAbout, setBusiness, setPicture } from './verbs/profile.ts'
import { answerEvent, vote } from './verbs/voting.ts'
import { changeChat, settingsOf, type ChatChange, type SettingView } from './verbs/settings.ts'
import { openAuthority } from './wire/authority.ts'
import { startServer } from './wire/server.ts'
import type { Business, Person } from './world/accounts.ts'
import { openWorld, type OpenWorld } from './world/open.ts'
import type { SimulatorLogger, World } from './world/world.ts'

/** How to start a simulator; without `dataDir` its world lives in memory. */
export type SimulatorOptions = {
  dataDir?: string | undefined
  host?: string | undefined
  wsPort?: number | undefined
  mediaPort?: number | undefined
  logger?: SimulatorLogger | undefined
}

/** A WhatsApp in small: real clients link to `wsUrl`, its verbs play the phones and contacts. */
export type Simulator = {
  readonly world: World
  /** What clients connect to instead of WhatsApp's server. */
  readonly wsUrl: string
  /** Where media is uploaded to and downloaded from, plain HTTP. */
  readonly mediaUrl: string
  /** The public key a client must trust as the root of the noise certificates, 32 bytes. */
  readonly rootKey: Buffer
  /** A phone scans a client's QR; resolves once the client has taken the pairing. */
  scan(qr: string, scanner?: Scanner): Promise<Linked>
  /** A phone's owner types the code that a client shows. */
  enterPairingCode(phone: string, code: string): Promise<Linked>
  /** Makes a contact, or updates the one of this phone. */
  addContact(person: Person): ContactView
  /** A contact (or an account's phone) writes; an unknown phone becomes a contact at once. */
  say(phone: string, saying: Saying): Promise<Written>
  react(phone: string, id: string, emoji: string): Promise<Written>
  /** A contact chooses options of a poll; none takes the vote back. */
  vote(phone: string, id: string, options: readonly string[]): Promise<Written>
  /** A contact answers an event. */
  answerEvent(phone: string, id: string, answer: 'GOING' | 'NOT_GOING' | 'MAYBE'): Promise<Written>
  edit(phone: string, id: string, text: string): Promise<Written>
  delete(phone: string, id: string): Promise<Written>
  /** A contact tells the writer that messages were delivered, read or played. */
  receipt(phone: string, ids: readonly string[], type: 'delivered' | 'read' | 'played'): void
  presence(phone: string, state: PresenceState, to?: string): void
  /** A person calls an account; it rings until it is rejected or the call ends. */
  call(phone: string, to: string, isVideo?: boolean): Written
  endCall(id: string): void
  /** Makes a group; its first participant creates it and is admin. */
  createGroup(group: NewGroup): Written
  changeMembers(group: string, membership: Membership): MembershipOutcome[]
  editGroup(group: string, edit: GroupEdit): GroupView
  setAbout(phone: string, about: string): void
  /** Makes somebody's account one of a business, or (undefined) a private one again. */
  setBusiness(phone: string, business: Business | undefined): void
  /** An account's owner archives, pins, mutes, reads, names or deletes a chat on the phone. */
  changeChat(phone: string, change: ChatChange): Promise<void>
  /** What was written into an account's synchronised settings. */
  settingsOf(phone: string): Promise<SettingView[]>
  /** An image as it is shown, or none to take it away. */
  setPicture(phone: string, image: Uint8Array | undefined): Promise<void>
  /** Gives an account a past, and its linked clients the history of it. */
  seedHistory(phone: string, seed: HistorySeed): Promise<SeededHistory>
  /** Each message id that this phone received and decrypted, once, in the order of arrival. */
  messagesOf(phone: string): MessageView[]
  /** One of them with what it says. */
  messageOf(phone: string, id: string): WholeMessage
  /** The phone's owner takes linked devices off; answers how many. */
  unlink(phone: string, device?: number): number
  addFault(request: FaultRequest): FaultView
  faults(): FaultView[]
  clearFaults(kind?: FaultKind): void
  manifest(): Manifest
  /** Forgets everybody and everything but the server's own identity. */
  reset(): void
  close(): Promise<void>
}

/** All that a client needs to know, and what lives in the world now; the root key in base64. */
export type Manifest = { wsUrl: string; mediaUrl: string; rootKey: string } & WorldView

const line = (level: string) => (fields: object, words: string): void => {
  process.stderr.write(`${JSON.stringify({ level, ...fields, msg: words })}\n`)
}
const stderrLogger: SimulatorLogger = { info: () => undefined, warn: line('warn'), error: line('error') }

const serve = async ({ world, phones }: OpenWorld, options: SimulatorOptions): Promise<Simulator> => {
  const authority = openAuthority(world.storage)
  const linking = openLinking(world)
  const last = rememberedPorts(options.dataDir)
  const mediaHost = await listenAgain(options.mediaPort, last.mediaPort, async (port) =>
    startMediaHost(world.media, port, () => world.faults.take('mediaGone') !== undefined))
  const server = await listenAgain(options.wsPort, last.wsPort, async (port) =>
    startServer(world, linking, authority, { host: options.host ?? '127.0.0.1', port }))
  rememberPorts(options.dataDir, { wsPort: Number(new URL(server.url).port), mediaPort: mediaHost.port })
  world.storage.flush()
  return {
    world,
    wsUrl: server.url,
    mediaUrl: mediaHost.url,
    rootKey: authority.rootKey,
    scan: linking.scan,
    enterPairingCode: linking.enterCode,
    addContact: (person) => addContact(world, person),
    say: (phone, saying) => say(world, phone, saying),
    react: (phone, id, emoji) => react(world, phone, id, emoji),
    vote: (phone, id, choices) => vote(world, phone, id, choices),
    answerEvent: (phone, id, answer) => answerEvent(world, phone, id, answer),
    edit: (phone, id, text) => editMessage(world, phone, id, text),
    delete: (phone, id) => erase(world, phone, id),
    receipt: (phone, ids, type) => sendReceipt(world, phone, ids, type),
    presence: (phone, state, to) => showPresence(world, phone, state, to),
    call: (phone, to, isVideo = false) => startCall(world, phone, to, isVideo),
    endCall: (id) => endCall(world, id),
    createGroup: (group) => makeGroup(world, group),
    changeMembers: (group, membership) => changeMembership(world, group, membership),
    editGroup: (group, edit) => editGroup(world, group, edit),
    setBusiness: (phone, business) => setBusiness(world, phone, business),
    setAbout: (phone, about) => setAbout(world, phone, about),
    changeChat: (phone, change) => changeChat(world, phone, change),
    settingsOf: (phone) => settingsOf(world, phone),
    setPicture: (phone, image) => setPicture(world, phone, image),
    seedHistory: (phone, seed) => seedHistory(world, personOf(world, phone), seed),
    messagesOf: (phone) => messagesOf(world, phone),
    messageOf: (phone, id) => messageOf(world, phone, id),
    unlink: (phone, device) => unlink(world, phone, device),
    addFault: (request) => addFault(world, request),
    faults: () => world.faults.list().map(faultView),
    clearFaults: (kind) => world.faults.clear(kind),
    manifest: () => ({
      wsUrl: server.url,
      mediaUrl: mediaHost.url,
      rootKey: authority.rootKey.toString('base64'),
      ...worldView(world),
    }),
    reset: () => resetWorld(world),
    close: async () => {
      phones.stop()
      await server.close()
      await mediaHost.close()
      await phones.idle()
      world.storage.close()
    },
  }
}

/** Starts a simulator; one that cannot listen leaves its world free for the next. */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const opened = openWorld(options.logger ?? stderrLogger, options.dataDir)
  try {
    return await serve(opened, options)
  } catch (error) {
    opened.phones.stop()
    opened.world.storage.close()
    throw error
  }
}
