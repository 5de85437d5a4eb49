import { crc32, deflateSync } from 'node:zlib'

/** A small file of a real format, for a contact that sends media without naming a file. */
export type Sample = { bytes: Buffer; mimetype: string; fileName: string }

const chunk = (name: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const frame = Buffer.alloc(8 + body.length)
  frame.writeUInt32BE(data.length, 0)
  body.copy(frame, 4)
  frame.writeUInt32BE(crc32(body), 4 + body.length)
  return frame
}

/** A square PNG of one colour. */
export const samplePng = (side = 16, colour: readonly [number, number, number] = [37, 211, 102]): Buffer => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const row = Buffer.concat([Buffer.from([0]), ...Array.from({ length: side }, () => Buffer.from(colour))])
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: side }, () => row)))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

// One grey pixel, as small as a baseline JPEG gets.
const JPEG = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k=',
  'base64',
)
// One lossless pixel.
const WEBP = Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64')

const box = (name: string, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + body.length, 0)
  head.write(name, 4, 'latin1')
  return Buffer.concat([head, body])
}

/** An MP4 with a header and no frames. */
export const sampleMp4 = (): Buffer => {
  const mvhd = Buffer.alloc(100)
  mvhd.writeUInt32BE(1000, 12)
  mvhd.writeUInt32BE(1000, 16)
  mvhd.writeUInt32BE(0x00_01_00_00, 20)
  mvhd.writeUInt32BE(1, 96)
  return Buffer.concat([
    box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2mp41', 'latin1')),
    box('moov', box('mvhd', mvhd)),
    box('mdat', Buffer.from('puente')),
  ])
}

const oggCrc = (page: Buffer): number => {
  let crc = 0
  for (const byte of page) {
    crc = (crc ^ (byte << 24)) >>> 0
    for (let bit = 0; bit < 8; bit++) crc = ((crc & 0x80_00_00_00) === 0 ? crc << 1 : (crc << 1) ^ 0x04_c1_1d_b7) >>> 0
  }
  return crc
}

const oggPage = (flags: number, granule: number, sequence: number, packet: Buffer): Buffer => {
  const head = Buffer.alloc(28)
  head.write('OggS', 0, 'latin1')
  head[5] = flags
  head.writeBigUInt64LE(BigInt(granule), 6)
  head.writeUInt32LE(0x70_75_65_6e, 14)
  head.writeUInt32LE(sequence, 18)
  head[26] = 1
  head[27] = packet.length
  const page = Buffer.concat([head, packet])
  page.writeUInt32LE(oggCrc(page), 22)
  return page
}

const SAMPLE_RATE = 48_000
const FRAME_SAMPLES = 960

/** Some milliseconds of silence as Opus in Ogg: what a voice note is. */
export const sampleOgg = (frames = 50): Buffer => {
  const head = Buffer.from([...Buffer.from('OpusHead', 'latin1'), 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  head.writeUInt32LE(SAMPLE_RATE, 12)
  const tags = Buffer.concat([Buffer.from('OpusTags', 'latin1'), Buffer.from([6, 0, 0, 0]), Buffer.from('puente'), Buffer.alloc(4)])
  const silence = Buffer.from([0xf8, 0xff, 0xfe])
  return Buffer.concat([
    oggPage(2, 0, 0, head),
    oggPage(0, 0, 1, tags),
    ...Array.from({ length: frames }, (_value, index) =>
      oggPage(index === frames - 1 ? 4 : 0, (index + 1) * FRAME_SAMPLES, index + 2, silence)),
  ])
}

/** A PDF with one empty page. */
export const samplePdf = (): Buffer => {
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[3 0 R]/Count 1>>', '<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>',
  ]
  let text = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const offset = text.length
    text += `${index + 1} 0 obj${object}endobj\n`
    return offset
  })
  const start = text.length
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`
  return Buffer.from(text, 'latin1')
}

/** A file for each kind of media message. */
export const SAMPLES: Readonly<Record<'image' | 'jpeg' | 'video' | 'audio' | 'document' | 'sticker', () => Sample>> = {
  image: () => ({ bytes: samplePng(), mimetype: 'image/png', fileName: 'image.png' }),
  jpeg: () => ({ bytes: Buffer.from(JPEG), mimetype: 'image/jpeg', fileName: 'image.jpg' }),
  video: () => ({ bytes: sampleMp4(), mimetype: 'video/mp4', fileName: 'video.mp4' }),
  audio: () => ({ bytes: sampleOgg(), mimetype: 'audio/ogg; codecs=opus', fileName: 'audio.ogg' }),
  document: () => ({ bytes: samplePdf(), mimetype: 'application/pdf', fileName: 'document.pdf' }),
  sticker: () => ({ bytes: Buffer.from(WEBP), mimetype: 'image/webp', fileName: 'sticker.webp' }),
}
