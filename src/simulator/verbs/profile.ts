import { changePicture } from '../profile-pictures.ts'
import type { Business } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import { personOf } from './people.ts'

/** Changes what a person says of itself. */
export const setAbout = (world: World, phone: string, about: string): void => {
  const person = personOf(world, phone)
  person.about = about
  person.aboutSetAt = Math.floor(Date.now() / 1000)
  world.accounts.save(person)
  world.storage.flush()
}

/** Makes a person's account one of a business, with what it shows of itself, or a private one again. */
export const setBusiness = (world: World, phone: string, business: Business | undefined): void => {
  world.accounts.save(Object.assign(personOf(world, phone), { business }))
  world.storage.flush()
}

/** Changes a person's picture, or takes it away, and tells whoever knows the person. */
export const setPicture = async (world: World, phone: string, image: Uint8Array | undefined): Promise<void> => {
  await changePicture(world, personOf(world, phone), image)
  world.storage.flush()
}
