import { lookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import { buildConnector } from 'undici'
import { refusedBy, type PrivateTargets } from './address.ts'
import { EgressRefused } from './failures.ts'

/** Finds all addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>

/** A name's addresses are tried one after the other; a far server must not be given up for the next too early. */
const NEXT_ADDRESS_AFTER_MS = 500

/** As the system resolves names: its hosts file and search domains too, so that a neighbour container is found. */
export const systemResolve: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    lookup(hostname, { all: true, order: 'verbatim' }, (error, addresses) => (error ? reject(error) : resolve(addresses)))
  })

/**
 * Makes every connection of the way out. The name is resolved once, each of its addresses must pass, and the connection goes to these very
 * addresses, so an answer that changes in between changes nothing. A host that is an address itself is never looked up: it is judged before.
 */
export function guardedConnector(privateTargets: PrivateTargets, connectTimeoutMs: number, resolve: Resolve = systemResolve): buildConnector.connector {
  const resolveOnce = sharing(resolve)
  const resolveChecked = callbackify(async (hostname: string) => {
    const addresses = await resolveOnce(hostname)
    for (const { address } of addresses) refuse(hostname, address, privateTargets)
    const [first] = addresses
    if (first === undefined) throw Object.assign(new Error('The name has no address.'), { code: 'ENODATA' })
    return { first, addresses }
  })
  const lookupChecked: LookupFunction = (hostname, options, done) => {
    resolveChecked(hostname, (error, found) => {
      if (error) done(error, '', 0)
      else if (options.all === true) done(null, [...found.addresses])
      else done(null, found.first.address, found.first.family)
    })
  }
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    lookup: lookupChecked,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
    // Said aloud, so that no environment variable can loosen it.
    rejectUnauthorized: true,
  })
  return (options, done) => {
    const { hostname } = options
    if (isIP(hostname) === 0) {
      // TLS knows no final dot.
      connect({ ...options, servername: hostname.replace(/\.$/, '') }, done)
      return
    }
    try {
      refuse(hostname, hostname, privateTargets)
    } catch (error) {
      done(error as EgressRefused, null)
      return
    }
    connect(options, done)
  }
}

function refuse(host: string, address: string, privateTargets: PrivateTargets): void {
  const rule = refusedBy(address, privateTargets)
  if (rule !== null) throw new EgressRefused(rule, { host, address })
}

/** Who asks for a name that is being asked for shares the answer: a name server that hangs would else take every thread that resolves. */
function sharing(resolve: Resolve): Resolve {
  const asked = new Map<string, Promise<readonly LookupAddress[]>>()
  return (hostname) => {
    const known = asked.get(hostname)
    if (known) return known
    const answer = resolve(hostname).finally(() => asked.delete(hostname))
    asked.set(hostname, answer)
    return answer
  }
}
