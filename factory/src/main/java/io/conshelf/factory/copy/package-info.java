/// Moving data: the Copy, Lookup and Command activities, and the datasets and linked services they name.
///
/// [Stores] resolves a reference to a [Dataset] and opens its store. [CopyActivity] chooses the way: into a cluster go files as they are, cut
/// into chunks ([FilesToTable], [ChunkUploads]), and rows as chunks of CSV ([RowsToTable]); into files go rows ([RowsToFiles]) or bytes
/// ([BinaryCopy]); into other stores rows. [RowRules] says what becomes of rows on the way: [Translator], [Conversion], [SkippedRows]. [Tally]
/// counts, and prints the output.
///
/// # Declarations
///
/// Every documented type of linked service, dataset, location, settings, source and sink is a [Declaration]: its properties, and whether each
/// is acted on, has no effect, or is refused. [Catalogue] finds them by name; the validator, the sources and sinks, and the test of the
/// documentation read nothing else. The objects inside them, and inside a Copy itself, stand in [CopyParts]. What is known and not built stands in [Unsupported].
///
/// To add a **store of files**: write a [io.conshelf.connectors.file.FileStore] in `connectors`, and add one [FileStoreType] to [FileStores]:
/// the linked services with their properties, the location, the read settings (`FileStores.reading` has what all share), the write settings
/// where it can be written, the location's property that names a container, and the function that opens it. Formats, wildcards, mapping,
/// Lookup, logs and staging work with it at once. What can be read only once extends [io.conshelf.connectors.spool.SpooledFiles].
///
/// To add a **store of rows**: write a [io.conshelf.connectors.RowSource] and, where it is written, a [io.conshelf.connectors.RowTarget], and
/// add one [RowStoreType] to [RowStores]: linked services, datasets, sources (`RowStores.source` has what all share), sinks, and the two
/// functions that open them. A service that gives documents rather than rows hands out files of JSON instead, as [WebStores] does.
///
/// Every store asks [io.conshelf.connectors.kusto.Endpoints] whether a host may be reached, reads what may stand in a vault by
/// `LinkedService.secret`, and speaks as `Stores.identity` says.
///
/// To add a **format**: add a record to [FileFormat] and one [FormatType] to [Formats]: dataset, source, sink, settings, and the function that
/// reads a dataset. The compiler then names the places that must say how its rows are read and written.
///
/// A linked service that holds neither goes to [OtherServices]. The names leave [Unsupported], and the tables of `docs/data-factory.md` change.
///
/// # Built to scale
///
/// What is read is a list of [io.conshelf.connectors.Split]s; what is written are batches with a [io.conshelf.connectors.BatchId] that is
/// the same whenever the same part of the same copy is written again. Readers and writers know nothing of the driver that pairs them, which
/// is [Parallel] in this process.
package io.conshelf.factory.copy;
