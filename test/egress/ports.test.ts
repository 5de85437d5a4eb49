import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { BLOCKED_PORTS } from '../../src/egress/ports.ts'

it('blocks every port that the HTTP client’s own fetch blocks', () => {
  const { badPorts } = createRequire(import.meta.url)('undici/lib/web/fetch/constants.js') as { badPorts: readonly string[] }
  expect(badPorts.length).toBeGreaterThan(70)
  expect(badPorts.filter((port) => !BLOCKED_PORTS.has(Number(port)))).toEqual([])
})

it('blocks none that a web server is expected at', () => {
  expect([80, 443, 3000, 5000, 8000, 8080, 8081, 8443, 9000].filter((port) => BLOCKED_PORTS.has(port))).toEqual([])
})
