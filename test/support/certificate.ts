import { generateKeyPairSync, sign } from 'node:crypto'

const SEQUENCE = 0x30
const SET = 0x31
const BOOLEAN = 0x01
const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const OBJECT_ID = 0x06
const UTF8 = 0x0c
const UTC_TIME = 0x17
/** Object ids in DER: commonName, ecdsa-with-SHA256, subjectAltName, basicConstraints. */
const COMMON_NAME = Buffer.from('550403', 'hex')
const ECDSA_SHA256 = Buffer.from('2a8648ce3d040302', 'hex')
const ALT_NAME = Buffer.from('551d11', 'hex')
const CONSTRAINTS = Buffer.from('551d13', 'hex')
const DAY_MS = 86_400_000

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const utcTime = (at: Date): Buffer => der(UTC_TIME, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))
const TRUE = der(BOOLEAN, Buffer.from([0xff]))

/** A certificate for these names and IPv4 addresses, signed by itself and good for a day, both as PEM: it must be trusted by hand. */
export function selfSigned({ dnsNames = [], addresses = [] }: { dnsNames?: readonly string[]; addresses?: readonly string[] }): { key: string; certificate: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(SEQUENCE, der(OBJECT_ID, ECDSA_SHA256))
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, der(OBJECT_ID, COMMON_NAME), der(UTF8, Buffer.from('Puente tests')))))
  const altNames = [...dnsNames.map((dns) => der(0x82, Buffer.from(dns))), ...addresses.map((address) => der(0x87, Buffer.from(address.split('.').map(Number))))]
  const body = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([1])),
    algorithm,
    name,
    der(SEQUENCE, utcTime(new Date(Date.now() - DAY_MS)), utcTime(new Date(Date.now() + DAY_MS))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, der(SEQUENCE, der(OBJECT_ID, CONSTRAINTS), TRUE, der(OCTET_STRING, der(SEQUENCE, TRUE))), der(SEQUENCE, der(OBJECT_ID, ALT_NAME), der(OCTET_STRING, der(SEQUENCE, ...altNames))))),
  )
  const signature = der(BIT_STRING, Buffer.from([0]), sign('sha256', body, privateKey))
  const certificate = der(SEQUENCE, body, algorithm, signature).toString('base64').replace(/.{1,64}/g, '$&\n')
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, certificate: `-----BEGIN CERTIFICATE-----\n${certificate}-----END CERTIFICATE-----\n` }
}
