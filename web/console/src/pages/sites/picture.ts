// Pictures that are larger than the house takes are made smaller here, so that nobody has to know how. What the camera
// wrote beside them is left behind on the way; the house removes it from the others.

export const enough = 4 * 1024 * 1024 // bytes that are sent as they are; the house takes 5 MiB unless it is told otherwise
const longest = 2400 // pixels

// sizeWithin is how large a picture is drawn so that no edge is longer.
export function sizeWithin(width: number, height: number, edge = longest): { width: number; height: number } {
  const by = Math.min(1, edge / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * by)), height: Math.max(1, Math.round(height * by)) }
}

// lighten gives a picture as it is to be sent: itself, or drawn anew. What the browser cannot open is sent as it is, and
// the house says what is wrong with it.
export async function lighten(file: File): Promise<Blob> {
  if (file.size <= enough) return file
  const opened = await createImageBitmap(file).catch(() => undefined)
  if (!opened) return file
  const { width, height } = sizeWithin(opened.width, opened.height)
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  canvas.getContext('2d')?.drawImage(opened, 0, 0, width, height)
  opened.close()
  return new Promise((done) => canvas.toBlob((drawn) => done(drawn ?? file), 'image/jpeg', 0.9))
}

// moved is a list with one thing moved by so many places; the same when it would leave the list.
export function moved<T>(list: readonly T[], from: number, by: number): T[] {
  const to = from + by
  if (to < 0 || to >= list.length) return [...list]
  return list.toSpliced(from, 1).toSpliced(to, 0, list[from] as T)
}
