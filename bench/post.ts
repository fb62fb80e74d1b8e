/** The request that makes a post at X, by undici alone. */
import { type Dispatcher, request } from 'undici'
import type { Account } from './accounts.ts'

/** Throws where it is not made. */
export async function createPost(
  apiUrl: string,
  { accessToken }: Account,
  text: string,
  dispatcher: Dispatcher,
): Promise<void> {
  const answer = await request(`${apiUrl}/2/tweets`, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      authorization: `Bearer ${accessToken}`,
    },
    body: JSON.stringify({ text }),
    dispatcher,
  })
  await answer.body.json()
  if (answer.statusCode !== 201) throw new Error(`the sandbox answered ${answer.statusCode}`)
}
