/// Azure Blob Storage and Data Lake Storage Gen2 through the official client.
///
/// [BlobAccount] decides where an account of a definition leads: to the embedded storage, to an emulator on this machine, or to a real
/// account that is listed. Data Lake accounts are spoken to by the interface for blobs, which shows the same files; its folders are blobs
/// that say so in their metadata.
package io.conshelf.connectors.blob;
