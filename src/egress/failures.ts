import type { AddressRule } from './address.ts'

/** Each rule that refuses a request, with the words that end "The URL ...". */
export const rules = {
  malformed: 'is not a URL that can be requested',
  scheme: 'is neither http nor https',
  credentials: 'holds a user name or a password',
  port: 'names a port that belongs to another protocol',
  header: 'would be requested with a header that is not allowed',
  loopback: 'leads to the gateway’s own machine, which its settings do not allow',
  private: 'leads to a private network, which the gateway’s settings do not allow',
  link_local: 'leads to a link-local address',
  metadata: 'leads to a cloud’s metadata service',
  multicast: 'leads to a multicast address',
  unspecified: 'leads to no address at all',
  reserved: 'leads to an address that is not on the public internet',
} as const satisfies Record<AddressRule | 'malformed' | 'scheme' | 'credentials' | 'port' | 'header', string>

/** The name of a rule that refuses a request. */
export type EgressRule = keyof typeof rules

/** What a message may say of a URL: never its path or query, which may be secrets. */
interface Where {
  /** Host and port, when there are any. */
  readonly host?: string
  readonly cause?: unknown
}

const at = ({ host }: Pick<Where, 'host'>): string => (host === undefined ? '' : ` (${host})`)
const because = ({ cause }: Where): ErrorOptions | undefined => (cause === undefined ? undefined : { cause })

/** A rule forbids the request; nothing was sent to the target. Asking again gives the same answer unless the name is moved. */
export class EgressRefused extends Error {
  readonly rule: EgressRule
  /** The refused address that the host stands for; for logs, not for callers: it would tell them of names inside. */
  readonly address: string | null

  constructor(rule: EgressRule, where: Pick<Where, 'host'> & { readonly address?: string } = {}) {
    super(`The URL${at(where)} ${rules[rule]}.`)
    this.name = 'EgressRefused'
    this.rule = rule
    this.address = where.address ?? null
  }
}

/** Why an exchange broke off; each has its words in {@link EgressFailed}. */
export type FailureReason = keyof typeof reasons

const reasons = {
  dns: 'its name cannot be resolved',
  connect: 'no connection could be made',
  tls: 'its certificate or TLS is not acceptable',
  reset: 'the connection broke',
  protocol: 'it does not speak valid HTTP',
  redirects: 'it redirects too often',
  closed: 'the gateway is stopping',
} as const

/** The exchange broke off for a reason outside; whether the other side saw the request is not known. `code` is the system's name for it, such as `ECONNREFUSED`. */
export class EgressFailed extends Error {
  readonly reason: FailureReason
  readonly code: string | null

  constructor(reason: FailureReason, where: Where & { readonly code?: string | null } = {}) {
    super(`The request failed${at(where)}: ${reasons[reason]}.`, because(where))
    this.name = 'EgressFailed'
    this.reason = reason
    this.code = where.code ?? null
  }
}

/** The stage an exchange was in when its time was up. */
export type Stage = 'connect' | 'answer' | 'body'

const stages = { connect: 'could not be connected to', answer: 'did not answer', body: 'did not finish its answer' } as const satisfies Record<Stage, string>

/** The exchange took longer than allowed; whether the other side saw the request is not known, but for the stage `connect`. */
export class EgressTimedOut extends Error {
  readonly stage: Stage

  constructor(stage: Stage, timeoutMs: number, where: Where = {}) {
    super(`The target${at(where)} ${stages[stage]} within ${timeoutMs} ms.`, because(where))
    this.name = 'EgressTimedOut'
    this.stage = stage
  }
}

/** The answer's body is over the caller's limit. */
export class EgressTooLarge extends Error {
  readonly maxBytes: number

  constructor(maxBytes: number, where: Pick<Where, 'host'> = {}) {
    super(`The answer${at(where)} is larger than ${maxBytes} bytes.`)
    this.name = 'EgressTooLarge'
    this.maxBytes = maxBytes
  }
}

/** Every way in which a request can fail. */
export type EgressFailure = EgressRefused | EgressFailed | EgressTimedOut | EgressTooLarge

/** Whether an error is one of ours. */
export const isEgressFailure = (error: unknown): error is EgressFailure =>
  error instanceof EgressRefused || error instanceof EgressFailed || error instanceof EgressTimedOut || error instanceof EgressTooLarge

const CONNECT_CODES = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EACCES', 'EPERM', 'EINVAL', 'EMFILE', 'ENFILE'])
const RESET_CODES = new Set(['ECONNRESET', 'ETIMEDOUT', 'ECONNABORTED', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED', 'UND_ERR_ABORTED'])
/** Beginnings of what Node, OpenSSL and its X.509 checks call their errors. */
const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO$|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|ERROR_IN_|CRL_)/
const DNS_CODE = /^(ENOTFOUND|ENODATA|ESERVFAIL|EAI_)/

/** Gives an error of the network, of TLS or of the HTTP client one of our names. */
export function toFailure(error: unknown, host: string, connectTimeoutMs: number): EgressFailure {
  if (isEgressFailure(error)) return error
  const code = (error as { code?: unknown } | null)?.code
  const name = typeof code === 'string' ? code : ''
  if (name === 'UND_ERR_CONNECT_TIMEOUT' || (name === 'ETIMEDOUT' && !isEstablished(error))) return new EgressTimedOut('connect', connectTimeoutMs, { host, cause: error })
  return new EgressFailed(reasonOf(name), { host, cause: error, code: name === '' ? null : name })
}

/** The system gives up a silent connection with the name of a connect that nobody answered. */
const isEstablished = (error: unknown): boolean => ['read', 'write'].includes(String((error as { syscall?: unknown }).syscall))

function reasonOf(code: string): FailureReason {
  if (DNS_CODE.test(code)) return 'dns'
  if (CONNECT_CODES.has(code)) return 'connect'
  if (RESET_CODES.has(code)) return 'reset'
  if (TLS_CODE.test(code)) return 'tls'
  return 'protocol'
}
