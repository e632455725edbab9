/// Azure Blob, Queue and Table storage inside the process: what the Kusto ingestion clients upload to, post to and poll,
/// and what exports and pipelines use through the official storage clients.
///
/// | to find | look in |
/// |---|---|
/// | the way in for other packages | [Storage]: [BlobStore], [QueueStore], [EntityStore], [SasIssuer] |
/// | the account names | [StorageAccount], and `StorageAddress` for accounts of any other name; [AccountHosts] for those that hosts have |
/// | every limit | [StorageLimits] |
/// | every error code with its status | [StorageCode] |
/// | which HTTP operations there are, and the permission each needs | the `switch`es in `BlobRequests`, `QueueRequests`, `TableRequests` |
/// | how a signature is checked | `Authorizer`, `SasToken`, `SharedKey`; `Grant` against `Requirement` |
/// | how state survives | `StoreLog` over `FileJournal`; the `…Event` types are what a journal can say |
/// | names that are refused | `Names` |
///
/// **No name from a client is ever part of a file's path**: blob contents have generated names, all else is in journals.
/// **Acknowledged is on the disk**: a change is appended under its store's lock and flushed before its method returns; one
/// flush serves all who wait. Staged blocks and receives are the exceptions: losing them only means doing them again.
/// **A store's memory follows its journal**: an event is appended first and applied by the same code that replays it.
/// What isn't offered (leases, snapshots, append and page blobs, batches, stored access policies) is refused by name.
///
/// To add an operation, add its case to the `switch` of its service with the `Requirement` it needs, its change as an event
/// if it makes one, and a test through the official client.
package io.conshelf.server.storage;
