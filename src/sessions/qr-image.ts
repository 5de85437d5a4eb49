import QRCode from 'qrcode'

/** The forms in which a QR code can be had. */
export const QR_TYPES = ['application/json', 'image/png', 'image/svg+xml', 'text/plain'] as const
export type QrType = (typeof QR_TYPES)[number]

const MARGIN = 2
const SCALE = 6

/** A QR code as a `data:image/png;base64,` URL. */
export const toDataUrl = (text: string): Promise<string> => QRCode.toDataURL(text, { margin: MARGIN, scale: SCALE })

/** A QR code as PNG, as SVG, or in half blocks that a terminal shows large enough to scan. */
export async function drawQr(text: string, type: Exclude<QrType, 'application/json'>): Promise<Buffer | string> {
  switch (type) {
    case 'image/png':
      return QRCode.toBuffer(text, { margin: MARGIN, scale: SCALE })
    case 'image/svg+xml':
      return QRCode.toString(text, { type: 'svg', margin: MARGIN })
    case 'text/plain':
      return QRCode.toString(text, { type: 'utf8', margin: MARGIN })
  }
}
