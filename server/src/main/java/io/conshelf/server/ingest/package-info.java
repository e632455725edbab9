/// Data management: what clients of queued ingestion talk to.
///
/// A client asks [io.conshelf.server.ingest.DataManagement] for resources and an identity token, puts a blob and then a message into
/// storage. [io.conshelf.server.ingest.QueuedIngestion] takes the message from the queue, checks it, waits with it for others as
/// the table's batching policy says ([io.conshelf.server.ingest.Batcher]), has the engine ingest the batch in one commit that
/// remembers it, reports, and only then deletes the messages. Whatever is interrupted is done again under the same id,
/// which changes nothing the second time.
package io.conshelf.server.ingest;
