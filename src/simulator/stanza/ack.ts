import type { StanzaHandler } from './index.ts'

/** `<ack>`: a device has a stanza of this class; it is forgotten. */
export const takeAck: StanzaHandler = ({ world, device }, stanza) => {
  const { class: kind, id, to, participant } = stanza.attrs
  if (kind && id) world.delivery.acknowledge(device.key, { class: kind, id, from: to, participant })
  return undefined
}
