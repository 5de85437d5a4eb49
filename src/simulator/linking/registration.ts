import { proto } from '@whiskeysockets/baileys'
import type { Companion } from '../world/accounts.ts'
import type { Wire } from '../wire/wire.ts'

/** What an unlinked client says of itself in its handshake. */
export type Registration = Pick<Companion, 'noiseKey' | 'identity' | 'registrationId' | 'signedPreKey' | 'name' | 'platform'>

const readUInt = (value: Uint8Array): number => (value.length > 0 ? Buffer.from(value).readUIntBE(0, value.length) : 0)

const named = (value: number | null | undefined): string =>
  proto.DeviceProps.PlatformType[value ?? proto.DeviceProps.PlatformType.UNKNOWN] ?? 'UNKNOWN'

/** Reads the registration of a handshake; undefined when a key is missing. */
export const readRegistration = (wire: Wire): Registration | undefined => {
  const data = wire.hello.payload.devicePairingData
  if (!data?.eIdent || !data.eRegid || !data.eSkeyId || !data.eSkeyVal || !data.eSkeySig) return undefined
  const props = proto.DeviceProps.decode(data.deviceProps ?? new Uint8Array())
  return {
    noiseKey: wire.hello.noiseKey,
    identity: Buffer.from(data.eIdent),
    registrationId: readUInt(data.eRegid),
    signedPreKey: {
      id: readUInt(data.eSkeyId),
      value: Buffer.from(data.eSkeyVal),
      signature: Buffer.from(data.eSkeySig),
    },
    name: props.os ?? '',
    platform: named(props.platformType),
  }
}
