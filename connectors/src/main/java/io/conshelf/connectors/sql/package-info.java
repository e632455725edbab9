/// SQL stores: PostgreSQL, and by its documentation SQL Server.
///
/// [SqlServers] opens a [SqlDatabase] for a [SqlTarget], which reads connection strings and separate properties alike. A [SqlQuery] is read by
/// splits ([SqlPartitions] makes them), as rows or, from PostgreSQL into a cluster, as the text of `COPY` ([PostgresCopy]). [SqlSink] writes.
/// [SqlScript] and [SqlProcedure] run what a definition says.
package io.conshelf.connectors.sql;
