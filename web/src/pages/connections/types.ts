/** What these pages are about. */
import type { Client, Output } from '../../api.ts'

export type Connection = Output<Client['connections']['list']>['items'][number]
export type Channel = Connection['channels'][number]
export type Network = Output<Client['networks']['list']>['items'][number]
export type Login = Network['logins'][number]
export type NetworkApp = Output<Client['networkApps']['list']>['items'][number]
