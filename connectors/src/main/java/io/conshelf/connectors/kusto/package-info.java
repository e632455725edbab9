/// Azure Data Explorer through its official client.
///
/// [Endpoints] decides where a definition's endpoint leads: to the embedded cluster, or to a real one that is listed. [KustoCluster] is the
/// connection: queries as rows, commands as tables, files queued for ingestion and waited for.
package io.conshelf.connectors.kusto;
