/** Limits of an account's own server, for clients: the same code the server validates with. */
export { type OwnLimits, withOwnLimits } from '#domain/limits.ts'
