import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { addressesOf, aliases } from '../targets.ts'

const HEADER_BYTES = 12
const ANSWER = 0x8180
const NO_SUCH_NAME = 0x8183
const A = 1
const CNAME = 5
const AAAA = 28
const INTERNET = 1
/** Nothing is to be remembered: the next question may have another answer. */
const TTL_SECONDS = 0

/** A name server for the names of the tables. */
export interface NameServer {
  /** How often each name was asked for its IPv4 addresses. */
  readonly asked: ReadonlyMap<string, number>
  /** Begins every list of changing answers anew. */
  reset(): void
  close(): void
}

/** Answers questions on a UDP port of this machine. */
export async function serveNames(address: string, port = 53): Promise<NameServer> {
  const socket: Socket = createSocket('udp4')
  const counts = new Map<string, number>()
  const asked = new Map<string, number>()
  socket.on('message', (question, from) => {
    const { name, end } = readName(question)
    const type = question.readUInt16BE(end)
    const key = `${name} ${type}`
    const count = counts.get(key) ?? 0
    counts.set(key, count + 1)
    if (type === A) asked.set(name, (asked.get(name) ?? 0) + 1)
    socket.send(answerTo(question, name, type, end, count), from.port, from.address)
  })
  socket.bind(port, address)
  await once(socket, 'listening')
  return {
    asked,
    reset() {
      counts.clear()
      asked.clear()
    },
    close: () => void socket.close(),
  }
}

/** The name that is asked for, and where it ends. */
function readName(question: Buffer): { name: string; end: number } {
  const labels: string[] = []
  let at = HEADER_BYTES
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

const writeName = (name: string): Buffer => Buffer.concat([...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])), Buffer.from([0])])

function record(name: string, type: number, data: Buffer): Buffer {
  const fields = Buffer.alloc(10)
  fields.writeUInt16BE(type, 0)
  fields.writeUInt16BE(INTERNET, 2)
  fields.writeUInt32BE(TTL_SECONDS, 4)
  fields.writeUInt16BE(data.length, 8)
  return Buffer.concat([writeName(name), fields, data])
}

function answerTo(question: Buffer, name: string, type: number, end: number, count: number): Buffer {
  const addresses = addressesOf(name, count)
  const records: Buffer[] = []
  let owner = name
  for (let alias = aliases[owner]; alias !== undefined; alias = aliases[owner]) {
    records.push(record(owner, CNAME, writeName(alias)))
    owner = alias
  }
  for (const address of addresses ?? []) {
    if ((type === A && isIP(address) === 4) || (type === AAAA && isIP(address) === 6)) records.push(record(owner, type, Buffer.from(ipaddr.parse(address).toByteArray())))
  }
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(question.readUInt16BE(0), 0)
  header.writeUInt16BE(addresses === null ? NO_SUCH_NAME : ANSWER, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(records.length, 6)
  return Buffer.concat([header, question.subarray(HEADER_BYTES, end + 4), ...records])
}
