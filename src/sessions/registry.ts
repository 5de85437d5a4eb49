import { randomBytes } from 'node:crypto'
import { EventEmitter, on } from 'node:events'
import type { Page, PageRequest, SessionRow, Store } from '../store/store.ts'
import { entryOf } from '../events/record.ts'
import { sessionNotFound } from '../errors.ts'
import { Fenced } from '../store/faults.ts'
import { canBecome } from './status.ts'

/** Which sessions exist, durably, and a bell for whoever waits on a change of one. */
export interface SessionRegistry {
  get(id: string): Promise<SessionRow | null>
  /** The session, or the SESSION_NOT_FOUND problem. */
  require(id: string): Promise<SessionRow>
  page(request: PageRequest): Promise<Page<SessionRow>>
  resumable(): Promise<readonly SessionRow[]>
  /** Creates the session as `stopped`; an existing one is returned as it is. */
  create(id: string): Promise<SessionRow>
  /** Changes fields; a change of state is checked against the state machine and stamped. Calls for one session apply in order. */
  update(id: string, change: SessionChange): Promise<SessionRow>
  /** Shows the session as `store_error` until its next change is stored: for a change that the store could not take. */
  failed(id: string, reason: string): void
  /** Another node runs the session from now on: what could not be stored here counts no more. */
  released(id: string): void
  /** Deletes the session and all it owns. */
  remove(id: string): Promise<void>
  /** Resolves with the session as soon as `accept` takes it, or as it is after `timeoutMs`; null when it does not exist (any more). */
  waitFor(id: string, accept: (session: SessionRow) => boolean, timeoutMs: number): Promise<SessionRow | null>
}

/** What may change in a session. A state without a reason clears the reason. */
export type SessionChange = Partial<Pick<SessionRow, 'state' | 'reason' | 'linked' | 'wanted' | 'user'>>

/** No session's id may be a name that the emitter itself understands, such as `error`. */
const ringOf = (id: string): string => `session ${id}`

/** Keeps the sessions in the store; `fenceOf` is the token of a session, null where another node runs it and alone may change it. */
export function sessionRegistry(store: Store, fenceOf: (id: string) => string | null = () => ''): SessionRegistry {
  const bell = new EventEmitter().setMaxListeners(0)
  const lanes = new Map<string, Promise<unknown>>()
  /** What the store would say of sessions whose last change it could not take. */
  const unstored = new Map<string, Pick<SessionRow, 'state' | 'reason' | 'stateSince'>>()
  const asItIs = (session: SessionRow): SessionRow => ({ ...session, ...unstored.get(session.id) })

  async function get(id: string): Promise<SessionRow | null> {
    const session = await store.sessions.get(id)
    return session && asItIs(session)
  }

  /** One change of a session at a time, in the order of the calls, under the token of the moment when it was asked for: its turn may come when another node has the session. */
  function inOrder<T>(id: string, work: (fence: string) => Promise<T>): Promise<T> {
    const fence = fenceOf(id)
    if (fence === null) return Promise.reject(new Fenced())
    const turn = (lanes.get(id) ?? Promise.resolve()).then(() => work(fence), () => work(fence))
    lanes.set(id, turn)
    const forget = (): void => {
      if (lanes.get(id) === turn) lanes.delete(id)
    }
    turn.then(forget, forget)
    return turn
  }

  /** `before` null: the session is new. */
  async function put(session: SessionRow, before: SessionRow | null, fence: string): Promise<SessionRow> {
    const told = before === null ? 'session.created' : before.state === session.state ? null : (`session.${session.state}` as const)
    const entry = told && entryOf(told, null, { state: session.state, reason: session.reason, linked: session.linked, user: session.linked ? session.user : null }, Date.now())
    await store.commit(session.id, [{ kind: 'session.put', session }, ...(entry ? [{ kind: 'event.append', event: entry } as const] : [])], fence)
    unstored.delete(session.id)
    bell.emit(ringOf(session.id))
    return session
  }

  async function require(id: string): Promise<SessionRow> {
    const session = await get(id)
    if (!session) throw sessionNotFound(id)
    return session
  }

  return {
    get,
    require,
    async page(request) {
      const { rows, next } = await store.sessions.page(request)
      return { rows: rows.map(asItIs), next }
    },
    resumable: () => store.sessions.resumable(),
    create: (id) =>
      inOrder(id, async (fence) => {
        const now = new Date().toISOString()
        return (await get(id)) ?? (await put({ id, state: 'stopped', reason: null, stateSince: now, linked: false, wanted: false, user: null, createdAt: now, secret: randomBytes(32).toString('base64url') }, null, fence))
      }),
    update: (id, change) =>
      inOrder(id, async (fence) => {
        const before = await require(id)
        return put(changed(before, change), before, fence)
      }),
    failed(id, reason) {
      unstored.set(id, { state: 'store_error', reason, stateSince: unstored.get(id)?.stateSince ?? new Date().toISOString() })
      bell.emit(ringOf(id))
    },
    released(id) {
      unstored.delete(id)
      bell.emit(ringOf(id))
    },
    remove: (id) =>
      inOrder(id, async (fence) => {
        await store.commit(id, [{ kind: 'session.delete' }, { kind: 'event.append', event: entryOf('session.deleted', null, {}, Date.now()) }], fence)
        unstored.delete(id)
        bell.emit(ringOf(id))
      }),
    async waitFor(id, accept, timeoutMs) {
      const rings = on(bell, ringOf(id), { signal: AbortSignal.timeout(Math.max(1, timeoutMs)) })
      // Another node may change it.
      const silence = store.onTold(id, () => bell.emit(ringOf(id)))
      try {
        for (;;) {
          const session = await get(id)
          if (!session || accept(session)) return session
          await rings.next()
        }
      } catch (error) {
        if ((error as Error).name !== 'AbortError') throw error
        return await get(id)
      } finally {
        silence()
        await rings.return?.()
      }
    },
  }
}

function changed(session: SessionRow, change: SessionChange): SessionRow {
  const state = change.state ?? session.state
  if (!canBecome(session.state, state)) throw new Error(`a session cannot go from ${session.state} to ${state}`)
  const moved = state !== session.state
  return {
    ...session,
    ...change,
    state,
    reason: change.reason ?? (change.state === undefined ? session.reason : null),
    stateSince: moved ? new Date().toISOString() : session.stateSince,
  }
}
