/// Moving data: the Copy, Lookup and Command activities, and the datasets and linked services they name.
///
/// [Stores] resolves a reference to a [Dataset] and opens its store. [CopyActivity] chooses the way: files that the cluster can read go to it
/// as they are ([FilesToTable]), everything else goes row by row ([RowsToTable], [RowsToFiles]), and binary files byte by byte
/// ([BinaryCopy]). [Parts] declares each source and sink with every documented property and how it is treated.
package io.conshelf.factory.copy;
