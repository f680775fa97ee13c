// Runs a SQL statement of a Durable Object.
//
// Through the `worker` crate a statement takes four calls from the wasm into JavaScript (`exec`, `raw`, `columnNames`,
// `rowsWritten`) and two for each row, and a cursor that throws while it is read traps the wasm. This is one call, and what
// it throws is caught.

/**
 * @param {{ exec(statement: string, ...binds: unknown[]): any }} sql the database of the object
 * @param {string} statement
 * @param {unknown[]} binds
 * @returns {unknown[]} the number of columns, whether the statement wrote a row, and the values of all rows
 */
export function run(sql, statement, binds) {
  const cursor = sql.exec(statement, ...binds);
  const rows = cursor.raw().toArray();
  return [cursor.columnNames.length, cursor.rowsWritten > 0, ...rows.flat()];
}
