/// The destination Azure Data Explorer: messages become rows, and rows batches that a cluster ingests once.
package io.conshelf.processor.destination.explorer;
