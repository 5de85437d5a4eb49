import { fileTypeFromBuffer } from 'file-type'
import { parseBuffer } from 'music-metadata'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { SAMPLES, samplePng } from '../../src/simulator/samples.ts'

it.each(['image', 'jpeg', 'sticker'] as const)('the %s is one that a decoder reads', async (name) => {
  const { width, height } = await sharp(SAMPLES[name]().bytes).metadata()
  expect(width).toBeGreaterThan(0)
  expect(height).toBeGreaterThan(0)
  await sharp(SAMPLES[name]().bytes).raw().toBuffer()
})

it.each([['image', 'image/png'], ['jpeg', 'image/jpeg'], ['video', 'video/mp4'], ['document', 'application/pdf'], ['sticker', 'image/webp']] as const)(
  'the %s is told as %s', async (name, mime) => {
    expect((await fileTypeFromBuffer(SAMPLES[name]().bytes))?.mime).toBe(mime)
    expect(SAMPLES[name]().mimetype).toBe(mime)
  },
)

it('the voice note lasts a second', async () => {
  const { format } = await parseBuffer(SAMPLES.audio().bytes, { mimeType: 'audio/ogg' }, { duration: true })
  expect(format.codec).toMatch(/opus/i)
  expect(format.duration).toBeCloseTo(1, 1)
})

it('a PNG has the asked size', async () => {
  expect(await sharp(samplePng(40)).metadata()).toMatchObject({ width: 40, height: 40 })
})
