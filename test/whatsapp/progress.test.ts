import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchProgress } from '../../src/whatsapp/progress.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('tells once what was begun and did not end in its time', () => {
  const onStall = vi.fn<() => void>()
  const progress = watchProgress(100, onStall)
  progress.begun('one')
  vi.advanceTimersByTime(60)
  progress.begun('two')
  vi.advanceTimersByTime(39)
  expect(onStall).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1000)
  expect(onStall).toHaveBeenCalledTimes(1)
})

it('gives each its own time, and none to what ended', () => {
  const onStall = vi.fn<() => void>()
  const progress = watchProgress(100, onStall)
  progress.begun('one')
  vi.advanceTimersByTime(60)
  progress.begun('two')
  progress.ended('one')
  vi.advanceTimersByTime(99)
  expect(onStall).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(onStall).toHaveBeenCalledTimes(1)
})

it('begins anew with what is begun again, and with what comes after a rest', () => {
  const onStall = vi.fn<() => void>()
  const progress = watchProgress(100, onStall)
  progress.begun('one')
  vi.advanceTimersByTime(99)
  progress.begun('one')
  vi.advanceTimersByTime(99)
  progress.ended('one')
  vi.advanceTimersByTime(1000)
  progress.begun('two')
  vi.advanceTimersByTime(99)
  expect(onStall).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(onStall).toHaveBeenCalledTimes(1)
})

it('is silent once stopped', () => {
  const onStall = vi.fn<() => void>()
  const progress = watchProgress(100, onStall)
  progress.begun('one')
  progress.stop()
  vi.advanceTimersByTime(1000)
  expect(onStall).not.toHaveBeenCalled()
})
