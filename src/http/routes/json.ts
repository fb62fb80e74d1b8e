/** Views as JSON. */
/** JSON form of a view: instants become ISO strings. */
export type Json<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Json<Item>[]
    : T extends object
      ? { [Key in keyof T]: Json<T[Key]> }
      : T

export const json = <T>(value: T): Json<T> => JSON.parse(JSON.stringify(value)) as Json<T>
