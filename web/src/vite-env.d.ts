/** Modules that the build makes. */
declare module 'virtual:contract-routes' {
  export const routes: import('@orpc/contract').AnyContractRouter
}
declare module 'virtual:locale-en' {
  export const messages: import('@lingui/core').Messages
}
declare module 'virtual:locale-de' {
  export const messages: import('@lingui/core').Messages
}
declare module 'virtual:locale-en-later' {
  export const messages: import('@lingui/core').Messages
}
declare module 'virtual:locale-de-later' {
  export const messages: import('@lingui/core').Messages
}
