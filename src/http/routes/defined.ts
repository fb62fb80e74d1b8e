/** Input as use cases take it. */
type Defined<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> }

/** Absent and undefined are the same to a caller; use cases know only absent. */
export function defined<Value extends object>(value: Value): Defined<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Defined<Value>
}
