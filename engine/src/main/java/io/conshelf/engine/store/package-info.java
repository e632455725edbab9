/// Where a cluster keeps what it knows: one DuckDB file a database, and the system store beside them.
///
/// [Storage] is the door. It hands out an immutable [Snapshot] of all schemas, a [Reading] for queries (rows and
/// snapshot of one moment), and a [DatabaseWriter] a database for everything that changes.
///
/// - **Names never reach SQL.** Databases, tables and columns have generated ids (`d3`, `t17`, `c2`); SQL is written with
///   those alone.
/// - **State commits with data.** Schema, policies, mappings, functions, roles, extents, tags and the ids of ingested
///   sources are rows of the database's own file and change in the transaction of the rows they concern.
/// - **One writer a database** groups what waits into one commit. Bulk loads run beside it in transactions of their own;
///   a change to a table's shape waits for the loads into that table.
/// - **What follows from new rows** ([Derivations]: update policies) is written in their transaction. Streamed rows of a table
///   that others are made of do not wait to be sealed.
/// - **Streamed rows** are in the [RowStore] (a log with a shared fsync, and column batches in memory) until the writer
///   seals them into the table.
package io.conshelf.engine.store;
