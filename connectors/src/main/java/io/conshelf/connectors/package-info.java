/// The docks: readers and writers of stores, one package a store, and the formats they carry.
///
/// A store of files is a [io.conshelf.connectors.file.FileStore]; a store of rows hands out a [RowReader] or takes a [RowWriter]. A cell is a
/// JSON value; its column says what it means. `kusto` is the only way the runners reach a cluster.
package io.conshelf.connectors;
