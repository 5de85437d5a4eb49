/** The client's intro: the header that opens the noise hash, and the token dictionary it announces. */
export type Intro = { header: Buffer; dictionary: number }

/** Cuts a byte stream into frames; the intro comes first, once. */
export type FrameReader = {
  /** Takes bytes as they come; answers the frames they complete. Throws on a stream that is not WhatsApp's. */
  read(bytes: Uint8Array): Buffer[]
  /** Set once the intro has been read. */
  intro(): Intro | undefined
}

const LENGTH_BYTES = 3
const HEADER_BYTES = 4
const ROUTING_PREFIX = Buffer.from('ED')
const ROUTING_HEADER_BYTES = 7
const MAGIC = Buffer.from('WA')
const DICTIONARIES = new Set([2, 3])
const MAX_BUFFERED_BYTES = 2 ** 24 + LENGTH_BYTES

const length24 = (bytes: Buffer, offset: number): number => bytes.readUIntBE(offset, LENGTH_BYTES)

/** Makes a reader for one connection. */
export const makeFrameReader = (): FrameReader => {
  let buffered: Buffer = Buffer.alloc(0)
  let intro: Intro | undefined

  const readIntro = (): boolean => {
    let start = 0
    if (buffered.length >= ROUTING_PREFIX.length && buffered.subarray(0, ROUTING_PREFIX.length).equals(ROUTING_PREFIX)) {
      if (buffered.length < ROUTING_HEADER_BYTES) return false
      start = ROUTING_HEADER_BYTES + length24(buffered, ROUTING_HEADER_BYTES - LENGTH_BYTES)
    }
    if (buffered.length < start + HEADER_BYTES) return false
    const header = Buffer.from(buffered.subarray(start, start + HEADER_BYTES))
    const dictionary = header[HEADER_BYTES - 1] ?? 0
    if (!header.subarray(0, MAGIC.length).equals(MAGIC) || !DICTIONARIES.has(dictionary)) {
      throw new Error('this is not a WhatsApp client')
    }
    intro = { header, dictionary }
    buffered = buffered.subarray(start + HEADER_BYTES)
    return true
  }

  return {
    intro: () => intro,
    read: (bytes) => {
      buffered = buffered.length === 0 ? Buffer.from(bytes) : Buffer.concat([buffered, bytes])
      if (buffered.length > MAX_BUFFERED_BYTES) throw new Error('a frame is too large')
      const frames: Buffer[] = []
      if (!intro && !readIntro()) return frames
      while (buffered.length >= LENGTH_BYTES) {
        const end = LENGTH_BYTES + length24(buffered, 0)
        if (buffered.length < end) break
        frames.push(buffered.subarray(LENGTH_BYTES, end))
        buffered = buffered.subarray(end)
      }
      return frames
    },
  }
}

/** A payload as a frame: three bytes of length before it. */
export const frame = (payload: Uint8Array): Buffer => {
  const framed = Buffer.allocUnsafe(LENGTH_BYTES + payload.byteLength)
  framed.writeUIntBE(payload.byteLength, 0, LENGTH_BYTES)
  framed.set(payload, LENGTH_BYTES)
  return framed
}
