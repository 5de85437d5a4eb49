import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import { testStore } from '../conformance/store.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'puente-store-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

testStore('SQLite', () => openStore({ mode: 'live', dataDir }))
