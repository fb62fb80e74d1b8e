/** Where the small copy of a picture is. */
import { remembered } from './remember.ts'

/** An `<img>` sends no header of ours, so the address names the workspace. */
export function previewUrl(mediaFileId: string, width: 320 | 640 | 1280 = 640): string {
  const query = new URLSearchParams({ width: String(width) })
  const workspace = remembered('workspace')
  if (workspace !== undefined) query.set('workspace', workspace)
  return `/api/v1/media/${encodeURIComponent(mediaFileId)}/preview?${query}`
}
