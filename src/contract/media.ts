/**
 * The media library. Images lose their metadata when they come in; only the orientation and the colour profile
 * stay, so `bytes` may be less than what was sent.
 *
 * Large files go through the resumable upload at `/api/v1/uploads` (tus 1.0, metadata `filename`). The request
 * that brings the last bytes is answered with the media file as JSON or a problem, and with its id in the
 * header `litfass-media-id`, which a later HEAD of the same upload has too.
 */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { id, instant, listOf, page } from './common.ts'

export const mediaFile = z.object({
  id,
  fileName: z.string(),
  mimeType: z.string(),
  bytes: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
})
const listed = mediaFile.extend({ createdAt: instant, uses: z.number().int() })

/**
 * `GET /media/{id}/preview?width=320|640|1280` answers a WebP picture; it needs a session or key. Who has several
 * workspaces names one as `&workspace=`, since an `<img>` sends no header.
 */
export const media = {
  add: oc
    .route({ method: 'POST', path: '/media', summary: 'Add an image', successStatus: 201 })
    .input(z.object({ file: z.file() }))
    .output(mediaFile),
  list: oc
    .route({ method: 'GET', path: '/media', summary: 'Media files, newest first' })
    .input(z.object({ ...page }))
    .output(listOf(listed)),
  remove: oc
    .route({ method: 'DELETE', path: '/media/{id}', summary: 'Delete a media file that no post uses' })
    .input(z.object({ id }))
    .output(z.object({ id })),
}
