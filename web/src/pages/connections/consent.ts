/** Sends the person to a network's consent page. They come back by the server's redirect. */
import { useMutation } from '@tanstack/react-query'
import { client } from '../../api.ts'

export function useConsent() {
  return useMutation({
    mutationFn: (input: { login: string; sandbox: boolean; host?: string; account?: string }) =>
      client.connections.start(input),
    onSuccess: ({ url }) => {
      window.location.assign(url)
    },
  })
}
