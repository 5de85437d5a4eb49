import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { Refusal } from '../refusal.ts'
import { bytes, child, children, failure, node, now, result, SERVER, type BinaryNode } from '../stanza/node.ts'
import { makeStanzaId } from '../phone/phones.ts'
import { announceDevices } from '../phone/devices.ts'
import { phoneDigits } from '../wire/jid.ts'
import type { Wire, WireOwner } from '../wire/wire.ts'
import type { Account, Person } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import { isSignedByCompanion, signIdentity, type SignedIdentity } from './adv.ts'
import { openExchange, openKeyBundle, type CodeExchange } from './code.ts'
import { readRegistration, type Registration } from './registration.ts'

/** A finished link: the account's phone and the number of the new device. */
export type Linked = { account: string; device: number }

/** Who scans: no phone means a new number. */
export type Scanner = Partial<Pick<Person, 'phone' | 'name'>>

/** Clients that wait to be linked, and the phones' two ways to link them. */
export type Linking = {
  /** Takes an unlinked client's socket. */
  open(wire: Wire): WireOwner
  /** A phone scans a QR; resolves once the client has taken the pairing. */
  scan(qr: string, scanner?: Scanner): Promise<Linked>
  /** A phone's owner types the code a client shows. */
  enterCode(phone: string, code: string): Promise<Linked>
}

type Pairing = { account: Account; deviceId: number; signed: SignedIdentity; done: (linked: Linked) => void; fail: (error: Refusal) => void }
type CodeOffer = { phone: string; ref: Buffer; wrapped: Buffer; exchange?: CodeExchange; entry?: Pick<Pairing, 'done' | 'fail'> }
type Attempt = { wire: Wire; registration: Registration; refs: string[]; pairing?: Pairing; offer?: CodeOffer }

const REFS = 6
const REF_BYTES = 33
const PAIRING_TIMEOUT_MS = 30_000
const FIRST_FREE_PHONE = 15_550_100_001

/** How long a client under the fault `qrExpired` shows its first code. */
const EXPIRY_MS = 300

/** A client shows its code before its request is here: so long an early typist is made to wait. */
const CODE_GRACE_MS = 2000

const freePhone = (world: World): string => {
  let phone = FIRST_FREE_PHONE
  while (world.accounts.byPhone(String(phone))) phone++
  return String(phone)
}

/** Opens the register of clients that wait. */
export const openLinking = (world: World): Linking => {
  const byRef = new Map<string, Attempt>()
  const byPhone = new Map<string, Attempt>()
  const arrivals = new EventEmitter().setMaxListeners(0)

  const arrival = async (phone: string): Promise<Attempt | undefined> => {
    const known = byPhone.get(phone)
    if (known) return known
    await once(arrivals, phone, { signal: AbortSignal.timeout(CODE_GRACE_MS) }).catch(() => undefined)
    return byPhone.get(phone)
  }

  const pair = (attempt: Attempt, phone: string, name: string | undefined, advSecret: Buffer, ends: Pick<Pairing, 'done' | 'fail'>): void => {
    const account = world.accounts.ensure({ phone, name })
    const deviceId = account.nextDevice++
    account.isOwner = true
    world.accounts.save(account)
    const { identity } = world.signals.of(account.phoneDevice).keys()
    const signed = signIdentity(identity, attempt.registration.identity, deviceId, advSecret)
    attempt.pairing = { account, deviceId, signed, ...ends }
    attempt.wire.send(
      node('iq', { from: SERVER, type: 'set', id: makeStanzaId(), xmlns: 'md', t: now() }, [
        node('pair-success', {}, [
          node('device-identity', {}, signed.hmacMessage),
          node('device', { jid: world.accounts.pn(account, deviceId), lid: world.accounts.lidOf(account, deviceId) }),
          node('platform', { name: 'android' }),
        ]),
      ]),
    )
  }

  const waitFor = (start: (ends: Pick<Pairing, 'done' | 'fail'>) => void): Promise<Linked> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Refusal('LINK_ABORTED', 'the client did not take the pairing in time')),
        PAIRING_TIMEOUT_MS,
      )
      const settle = <T>(end: (value: T) => void) => (value: T): void => {
        clearTimeout(timer)
        end(value)
      }
      start({ done: settle(resolve), fail: settle(reject) })
    })

  const finish = (attempt: Attempt, answer: BinaryNode): void => {
    const { pairing, registration, wire } = attempt
    const identity = bytes(child(child(answer, 'pair-device-sign'), 'device-identity'))
    if (!pairing || !identity) return
    const { account, deviceId, signed } = pairing
    delete attempt.pairing
    if (!isSignedByCompanion(signed, registration.identity, identity)) {
      wire.send(node('stream:error', { code: '401' }))
      wire.close()
      return pairing.fail(new Refusal('LINK_ABORTED', 'the client did not sign with its own identity'))
    }
    account.companions.push({
      ...registration,
      id: deviceId,
      key: `${account.lid}:${deviceId}`,
      lid: account.lid,
      linkedAt: Date.now(),
      historySent: false,
    })
    world.accounts.save(account)
    announceDevices(world, account, 'add', deviceId)
    wire.send(node('stream:error', { code: '515' }))
    wire.close()
    pairing.done({ account: account.phone, device: deviceId })
  }

  const hello = (attempt: Attempt, iq: BinaryNode, request: BinaryNode): BinaryNode => {
    const wrapped = bytes(child(request, 'link_code_pairing_wrapped_companion_ephemeral_pub'))
    const phone = phoneDigits(request.attrs['jid'] ?? '')
    if (!wrapped || phone === '') return failure(iq, 400, 'bad-request')
    const ref = Buffer.from(randomBytes(REF_BYTES).toString('base64url'))
    if (attempt.offer) byPhone.delete(attempt.offer.phone)
    attempt.offer = { phone, ref, wrapped }
    byPhone.set(phone, attempt)
    arrivals.emit(phone)
    return result(iq, [
      node('link_code_companion_reg', { stage: 'companion_hello' }, [node('link_code_pairing_ref', {}, ref)]),
    ])
  }

  const finishCode = (attempt: Attempt, iq: BinaryNode, request: BinaryNode): BinaryNode | undefined => {
    const { offer } = attempt
    const bundle = bytes(child(request, 'link_code_pairing_wrapped_key_bundle'))
    if (!offer?.exchange || !offer.entry || !bundle) return failure(iq, 400, 'bad-request')
    const { exchange, entry, phone } = offer
    delete offer.exchange
    delete offer.entry
    const account = world.accounts.ensure({ phone })
    const { identity } = world.signals.of(account.phoneDevice).keys()
    const advSecret = openKeyBundle(exchange, identity, attempt.registration.identity, bundle)
    if (!advSecret) {
      entry.fail(new Refusal('CODE_WRONG', 'that is not the code this client shows'))
      return failure(iq, 400, 'bad-request')
    }
    byPhone.delete(phone)
    // The client must have its answer before pair-success overtakes it.
    attempt.wire.send(result(iq))
    pair(attempt, phone, undefined, advSecret, entry)
    return undefined
  }

  const answer = (attempt: Attempt, iq: BinaryNode): void => {
    const { wire } = attempt
    const request = children(iq)[0]
    if (iq.attrs['type'] === 'result') return finish(attempt, iq)
    if (request?.tag === 'link_code_companion_reg' && request.attrs['stage'] === 'companion_hello') return wire.send(hello(attempt, iq, request))
    if (request?.tag === 'link_code_companion_reg' && request.attrs['stage'] === 'companion_finish') {
      const refusal = finishCode(attempt, iq, request)
      return refusal && wire.send(refusal)
    }
    if (iq.attrs['xmlns'] === 'w:p') return wire.send(result(iq))
    world.unknown.report(`iq before linking ${iq.attrs['xmlns'] ?? '?'} ${request?.tag ?? ''}`, iq)
    wire.send(failure(iq, 501, 'feature-not-implemented'))
  }

  return {
    open: (wire) => {
      const registration = readRegistration(wire)
      if (!registration) {
        wire.send(node('failure', { reason: '400' }))
        wire.close()
        return { stanza: () => undefined, closed: () => undefined }
      }
      const refs = Array.from({ length: REFS }, () => `2@${randomBytes(REF_BYTES).toString('base64url')}`)
      const attempt: Attempt = { wire, registration, refs }
      for (const ref of refs) byRef.set(ref, attempt)
      const offer = (offered: readonly string[]): void => wire.send(
        node('iq', { from: SERVER, type: 'set', id: makeStanzaId(), xmlns: 'md' }, [
          node('pair-device', {}, offered.map((ref) => node('ref', {}, Buffer.from(ref)))),
        ]),
      )
      offer(refs)
      // A client takes an offer without any code as it takes the end of the last one.
      const expired = world.faults.take('qrExpired')
      if (expired) setTimeout(() => offer([]), expired.delayMs ?? EXPIRY_MS).unref()
      return {
        stanza: (stanza) => {
          if (stanza.tag === 'iq') return answer(attempt, stanza)
          if (!['ib', 'ack', 'presence'].includes(stanza.tag)) world.unknown.report(`${stanza.tag} before linking`, stanza)
          return undefined
        },
        closed: () => {
          for (const ref of refs) byRef.delete(ref)
          if (attempt.offer && byPhone.get(attempt.offer.phone) === attempt) byPhone.delete(attempt.offer.phone)
          const gone = new Refusal('LINK_ABORTED', 'the client went away before the link was done')
          attempt.pairing?.fail(gone)
          attempt.offer?.entry?.fail(gone)
        },
      }
    },

    scan: async (qr, scanner = {}) => {
      const [ref, , , secret] = (qr.split('#').at(-1) ?? '').split(',')
      const attempt = byRef.get(ref ?? '')
      if (!attempt || !secret) throw new Refusal('QR_UNKNOWN', 'no client that waits to be linked shows this QR')
      const phone = scanner.phone === undefined ? freePhone(world) : phoneDigits(scanner.phone)
      if (phone === '') throw new Refusal('BAD_REQUEST', 'a phone needs digits')
      return waitFor((ends) => pair(attempt, phone, scanner.name, Buffer.from(secret, 'base64'), ends))
    },

    enterCode: async (phone, typed) => {
      const digits = phoneDigits(phone)
      const attempt = await arrival(digits)
      const offer = attempt?.offer
      if (!attempt || !offer) throw new Refusal('CODE_UNKNOWN', 'no client asked for a code with this number')
      const exchange = await openExchange(typed.replaceAll(/[\s-]/g, '').toUpperCase(), offer.wrapped)
      const account = world.accounts.ensure({ phone: digits })
      const { identity } = world.signals.of(account.phoneDevice).keys()
      return waitFor((entry) => {
        offer.exchange = exchange
        offer.entry = entry
        attempt.wire.send(
          node('notification', { from: SERVER, id: makeStanzaId(), type: 'link_code_companion_reg', t: now() }, [
            node('link_code_companion_reg', { stage: 'primary_hello' }, [
              node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, exchange.wrapped),
              node('primary_identity_pub', {}, identity.public),
              node('link_code_pairing_ref', {}, offer.ref),
            ]),
          ]),
        )
      })
    },
  }
}
