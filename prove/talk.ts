/** What the harness and a worker's process say to each other. */

export type World = { workspaceId: string; memberId: string; mediaFileId: string }
export type Channel = { id: string; network: string; login: string; kind: string; takesComment: boolean }

/** A delivery to be written. */
export type Scheduled = {
  id: string
  postId: string
  /** Of a first comment: the delivery of its post. */
  parentId: string | null
  channel: Channel
  text: string
  withPicture: boolean
  /** Null: it waits for its post. */
  dueInMs: number | null
}

export type Command =
  | { do: 'set-up' }
  | { do: 'connect'; world: World }
  | { do: 'schedule'; world: World; items: readonly Scheduled[] }
  | { do: 'states'; ids: string[] }
  | { do: 'wake' }

/** Instants in milliseconds of the moved clock. `attempts`: worker, start, outcome and what it said. */
export type DeliveryRow = {
  id: string
  channelId: string
  state: string
  workerId: string | null
  isHeld: boolean
  reason: string | null
  holdReason: string | null
  nextAt: number | null
  updatedAt: number
  attempts: Array<[workerId: string, startedAt: number, outcome: string | null, detail: string | null]>
}
