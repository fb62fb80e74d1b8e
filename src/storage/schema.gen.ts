/** Generated from the migrations by `npm run gen`. Do not edit. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely'

/** An int8 is read as a number; it may be written as a bigint or a string too. */
export type Int8 = ColumnType<number, number | bigint | string, number | bigint | string>

/** A numeric is read as text, because a double would round it. */
export type Numeric = ColumnType<string, string | number, string | number>

/** Read as a value, written as JSON text: the driver would write an array as a PostgreSQL array. */
export type Json = ColumnType<unknown, string, string>

export interface AccessRecord {
  id: GeneratedAlways<Int8>
  workspace_id: string
  call_id: string
  kind: string
  connection_id: string | null
  network: string
  endpoint_class: string
  data_class: string
  purpose: string
  actor: string
  at: Date
  amount: Numeric | null
  currency: string | null
  outcome: string | null
  status: number | null
  items: number | null
  plan: string | null
  has_link: boolean | null
  is_owned: boolean | null
  is_summoned: boolean | null
  fresh_items: number | null
  chain_id: string | null
  number: Int8 | null
  hash: string | null
  login: string | null
  terms_version: string | null
  waited_ms: number | null
}

export interface AiNetwork {
  workspace_id: string
  network: string
  allowed_by: string
  allowed_at: Date
}

export interface AiSetting {
  workspace_id: string
  is_on: Generated<boolean>
  endpoint: string | null
  model: Generated<string>
  sealed_key: string | null
  updated_by: string
  updated_at: Date
}

export interface AiUse {
  workspace_id: string
  day: string
  requests: Generated<number>
  failed: Generated<number>
}

export interface ApiKey {
  id: string
  workspace_id: string
  member_id: string
  name: string
  key_prefix: string
  key_hash: string
  created_at: Date
  last_used_at: Date | null
  revoked_at: Date | null
}

export interface Attachment {
  workspace_id: string
  post_id: string
  position: number
  media_file_id: string
  alt_text: Generated<string>
}

export interface Attempt {
  id: string
  workspace_id: string
  delivery_id: string
  number: number
  worker_id: string
  started_at: Date
  finished_at: Date | null
  outcome: string | null
  detail: string | null
}

export interface AuthAccount {
  id: string
  user_id: string
  account_id: string
  provider_id: string
  access_token: string | null
  refresh_token: string | null
  id_token: string | null
  access_token_expires_at: Date | null
  refresh_token_expires_at: Date | null
  scope: string | null
  password: string | null
  created_at: Date
  updated_at: Date
}

export interface AuthSession {
  id: string
  user_id: string
  token: string
  expires_at: Date
  ip_address: string | null
  user_agent: string | null
  created_at: Date
  updated_at: Date
}

export interface AuthUser {
  id: string
  name: string
  email: string
  email_verified: Generated<boolean>
  image: string | null
  locale: string | null
  created_at: Date
  updated_at: Date
}

export interface AuthVerification {
  id: string
  identifier: string
  value: string
  expires_at: Date
  created_at: Date
  updated_at: Date
}

export interface Breaker {
  login: string
  server: string
  ability: string
  cause: string
  opened_at: Date
  closed_at: Date | null
  failed_at: Date
  failed_probes: Generated<number>
  next_probe_at: Date
  probe_delivery_id: string | null
}

export interface Budget {
  id: string
  workspace_id: string
  network: string | null
  connection_id: string | null
  purpose: string | null
  period: string
  amount: Numeric
  currency: string
  alerts: Generated<number[]>
  is_hard: Generated<boolean>
  protected_percent: Generated<number>
  created_by: string
  created_at: Date
  updated_at: Date
}

export interface BudgetUse {
  budget_id: string
  workspace_id: string
  starts_on: string
  reserved: Generated<Numeric>
  spent: Generated<Numeric>
  alerted: Generated<number>
  is_sandbox: Generated<boolean>
}

export interface Channel {
  id: string
  workspace_id: string
  connection_id: string
  network: string
  remote_id: string
  kind: string
  name: string
  handle: string | null
  url: string | null
  sandbox: Generated<boolean>
  sealed_token: string | null
  state: Generated<string>
  created_at: Date
  data_class: Generated<string>
  purpose: Generated<string>
  terms_version: Generated<string>
  read_at: Date | null
  expires_at: Date | null
}

export interface ChannelPoll {
  channel_id: string
  workspace_id: string
  next_at: Date | null
  lease_until: Date | null
  token: Generated<Int8>
  failures: Generated<number>
  message: string | null
}

export interface Charge {
  id: string
  workspace_id: string
  delivery_id: string | null
  connection_id: string | null
  network: string
  endpoint_class: string
  purpose: string
  amount: Numeric
  currency: string
  at: Date
  is_assumed: Generated<boolean>
  is_sandbox: Generated<boolean>
}

export interface Connection {
  id: string
  workspace_id: string
  network: string
  login: string
  sandbox: Generated<boolean>
  remote_account_id: string
  name: string
  scopes: Generated<string[]>
  sealed_grant: string
  access_expires_at: Date | null
  refresh_expires_at: Date | null
  data_access_expires_at: Date | null
  state: Generated<string>
  state_reason: string | null
  created_at: Date
  updated_at: Date
  refresh_lease_until: Date | null
  refresh_token_number: Generated<Int8>
  server: Generated<string>
  refused_at: Date | null
  callback_id: string | null
  data_class: Generated<string>
  purpose: Generated<string>
  terms_version: Generated<string>
  read_at: Date | null
  expires_at: Date | null
  own_limits: Json | null
}

export interface DataExport {
  workspace_id: string
  member_id: string
  network: string
  data_class: string
  day: string
  count: number
}

export interface Deletion {
  id: string
  workspace_id: string
  reason: string
  network: string
  connection_id: string | null
  delivery_id: string | null
  scope: string
  asked_by: string
  note: Generated<string>
  code: string | null
  received_at: Date
  deadline_at: Date
  created_at: Date
  done_at: Date | null
}

export interface DeletionCertificate {
  id: string
  workspace_id: string
  deletion_id: Generated<string>
  network: string
  item: string
  data_class: string
  reason: string
  terms_version: string
  rule: string
  source: string
  day: string
  count: number
  oldest_read_at: Date | null
  newest_read_at: Date | null
  first_at: Date
  last_at: Date
}

export interface Delivery {
  id: string
  workspace_id: string
  post_id: string
  channel_id: string
  network: string
  state: string
  hold_reason: string | null
  reason: Json | null
  due_at: Date
  next_at: Date | null
  lease_until: Date | null
  token: Generated<Int8>
  worker_id: string | null
  attempts: Generated<number>
  payload: Json
  memory: Generated<Json>
  operation_id: string | null
  fingerprint: string | null
  sent_at: Date | null
  deadline_at: Date | null
  empty_reads: Generated<number>
  started_at: Date | null
  published_at: Date | null
  remote_id: string | null
  url: string | null
  created_at: Date
  updated_at: Date
  removed_at: Date | null
  parent_id: string | null
  data_class: Generated<string>
  purpose: Generated<string>
  terms_version: Generated<string>
  expires_at: Date | null
  claimed_at: Date | null
}

export interface IdempotencyKey {
  workspace_id: string
  key: string
  body_hash: string
  status: number | null
  response: Json | null
  created_at: Date
}

export interface Invitation {
  id: string
  workspace_id: string
  email: string
  role: string
  token_hash: string
  invited_by: string
  created_at: Date
  expires_at: Date
  accepted_at: Date | null
  revoked_at: Date | null
}

export interface LedgerChain {
  id: string
  workspace_id: string
  started_at: Date
  previous: Json
}

export interface MediaFile {
  id: string
  workspace_id: string
  file_name: string
  mime_type: string
  bytes: Int8
  width: number
  height: number
  sha256: string
  created_at: Date
}

export interface Member {
  id: string
  workspace_id: string
  name: string
  email: string
  role: string
  created_at: Date
  user_id: string | null
}

export interface NetworkApp {
  workspace_id: string
  login: string
  client_id: string
  sealed_secret: string
  updated_at: Date
}

export interface NetworkAppToken {
  workspace_id: string
  login: string
  client_id: string | null
  sealed_token: string
  updated_at: Date
}

export interface NetworkCounter {
  id: GeneratedAlways<Int8>
  workspace_id: string
  network: string
  login: string
  server: string
  connection_id: string | null
  channel_id: string | null
  counter: string
  endpoint_class: string | null
  used: number
  most: number | null
  resets_at: Date | null
  told_at: Date
  kept_at: Date
}

export interface NetworkPause {
  id: GeneratedAlways<Int8>
  workspace_id: string
  login: string
  server: string
  whose: string
  connection_id: string | null
  endpoint_class: string | null
  until: Date
  kept_at: Date
}

export interface Notice {
  id: string
  workspace_id: string
  kind: string
  subject_id: string
  created_at: Date
  read_at: Date | null
  severity: Generated<string>
  subject_kind: Generated<string>
  post_id: string | null
  params: Generated<Json>
  resolved_at: Date | null
}

export interface PendingLogin {
  state: string
  workspace_id: string
  member_id: string
  login: string
  sandbox: boolean
  redirect_uri: string
  sealed_verifier: string | null
  expires_at: Date
  host: string | null
  sealed_memory: string | null
}

export interface Poll {
  delivery_id: string
  workspace_id: string
  next_at: Date | null
  lease_until: Date | null
  token: Generated<Int8>
  failures: Generated<number>
  message: string | null
  missing_since: Date | null
}

export interface Post {
  id: string
  workspace_id: string
  text: Generated<string>
  link: string | null
  is_draft: Generated<boolean>
  due_wall: string | null
  due_zone: string | null
  due_at: Date | null
  revision: Generated<number>
  created_by: string
  created_at: Date
  updated_at: Date
  updated_by: string | null
  first_comment: Generated<string>
}

export interface PriceOverride {
  id: string
  workspace_id: string
  network: string
  key: string
  entry: Json
  updated_by: string
  updated_at: Date
}

export interface PricePlan {
  workspace_id: string
  network: string
  plan: string
  owners: Generated<string[]>
  updated_by: string
  updated_at: Date
}

export interface Reading {
  id: string
  workspace_id: string
  channel_id: string
  delivery_id: string | null
  metric: string
  remote_name: string
  value: number
  day: string | null
  version: string
  read_at: Date
  expires_at: Date | null
  network: Generated<string>
  data_class: Generated<string>
  purpose: Generated<string>
  terms_version: Generated<string>
}

export interface RegisteredApp {
  workspace_id: string
  login: string
  host: string
  redirect_uri: string
  sealed_app: string
  created_at: Date
}

export interface Reservation {
  call_id: string
  workspace_id: string
  uses: Json
  amount: Numeric
  reserved_at: Date
  delivery_id: string | null
}

export interface TermsReading {
  id: string
  workspace_id: string
  network: string
  subject: string
  read_on: string
  version: string
  has_changed: boolean
  note: Generated<string>
  member_id: string
  created_at: Date
}

export interface Variant {
  id: string
  workspace_id: string
  post_id: string
  channel_id: string
  text: string | null
  first_comment: string | null
}

export interface Worker {
  id: string
  started_at: Date
  seen_at: Date
}

export interface Workspace {
  id: string
  name: string
  time_zone: Generated<string>
  created_at: Date
  price_revision: Generated<Int8>
}

export interface DB {
  access_record: AccessRecord
  ai_network: AiNetwork
  ai_setting: AiSetting
  ai_use: AiUse
  api_key: ApiKey
  attachment: Attachment
  attempt: Attempt
  auth_account: AuthAccount
  auth_session: AuthSession
  auth_user: AuthUser
  auth_verification: AuthVerification
  breaker: Breaker
  budget: Budget
  budget_use: BudgetUse
  channel: Channel
  channel_poll: ChannelPoll
  charge: Charge
  connection: Connection
  data_export: DataExport
  deletion: Deletion
  deletion_certificate: DeletionCertificate
  delivery: Delivery
  idempotency_key: IdempotencyKey
  invitation: Invitation
  ledger_chain: LedgerChain
  media_file: MediaFile
  member: Member
  network_app: NetworkApp
  network_app_token: NetworkAppToken
  network_counter: NetworkCounter
  network_pause: NetworkPause
  notice: Notice
  pending_login: PendingLogin
  poll: Poll
  post: Post
  price_override: PriceOverride
  price_plan: PricePlan
  reading: Reading
  registered_app: RegisteredApp
  reservation: Reservation
  terms_reading: TermsReading
  variant: Variant
  worker: Worker
  workspace: Workspace
}
