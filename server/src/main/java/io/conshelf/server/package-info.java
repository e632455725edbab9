/// The front door: everything a client of the cluster sees of it.
///
/// A request's way: [io.conshelf.server.LooseRequestLines] mends its first line, [io.conshelf.server.FrontDoor] checks
/// where it comes from, gives it ids and a principal ([io.conshelf.server.Authenticator]) and finds its
/// [io.conshelf.server.Route]; then
///
/// | route | answered by |
/// |---|---|
/// | queries, commands | [io.conshelf.server.Queries]: body to [io.conshelf.engine.Request], answer to [io.conshelf.server.V2Frames] or [io.conshelf.server.V1Document] |
/// | streaming ingestion | [io.conshelf.server.StreamingIngest] |
/// | data-management commands, queued ingestion | `ingest` |
/// | Blob, Queue and Table services | `storage` |
///
/// Cells are written by [io.conshelf.server.Cells], errors by [io.conshelf.server.ErrorBody], each the only place that
/// knows how. Rows are never collected: a chunk of the engine goes to the socket before the next one is asked for.
/// Bounds are in [io.conshelf.server.ServerLimits].
package io.conshelf.server;
