declare module 'libsignal/src/protobufs.js' {
  export const PreKeyWhisperMessage: {
    decode(bytes: Uint8Array): PreKeyMessage
  }
  type PreKeyMessage = {
    registrationId: number
    preKeyId: number
    signedPreKeyId: number
    baseKey: Uint8Array
    identityKey: Uint8Array
    message: Uint8Array
  }
}

declare module 'libsignal/src/curve.js' {
  export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}
