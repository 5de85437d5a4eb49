import { openMemory } from '../../src/store/memory.ts'
import { testStore } from '../conformance/store.ts'

testStore('memory', async () => openMemory())
