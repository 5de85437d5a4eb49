/** So many may be in at the same time. */
export interface Places {
  /** Takes one; the answer gives it back, however often it is called. Null when none is free. */
  take(): (() => void) | null
}

/** Places that are all free. */
export function placesFor(most: number): Places {
  let taken = 0
  return {
    take() {
      if (taken >= most) return null
      taken += 1
      let isMine = true
      return () => {
        if (isMine) taken -= 1
        isMine = false
      }
    },
  }
}
