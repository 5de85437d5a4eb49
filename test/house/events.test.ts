import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EVENT_KINDS, EVENT_TYPES, isLive } from '../../schemas/event.ts'
import { renderEvents } from './events-page.ts'

describe('the events', () => {
  it('are written down whole in docs/events.md (UPDATE_DOCS=1 rewrites it)', () => {
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync('docs/events.md', renderEvents())
    expect(readFileSync('docs/events.md', 'utf8')).toBe(renderEvents())
  })

  it('are in the webhooks of openapi.json, all but what is told live', () => {
    const { webhooks } = JSON.parse(readFileSync('openapi.json', 'utf8')) as { webhooks: object }
    expect(Object.keys(webhooks)).toEqual(EVENT_TYPES.filter((type) => !isLive(type)))
  })

  it.each(EVENT_TYPES)('%s is named like an event and described in words', (type) => {
    expect(type).toMatch(/^[a-z]+\.[a-z]+(_[a-z]+)*$/)
    expect(EVENT_KINDS[type].description).toMatch(/^[A-Z].{10,}\.$/)
    expect(renderEvents()).not.toContain('## \n')
  })
})
