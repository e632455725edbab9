/// Reading ORC files: tail and types ([OrcFile]), streams and their compression ([OrcStream]), run lengths ([Runs]), columns
/// ([ColumnReader]) as vectors ([OrcVector]).
///
/// The format is small and its reference library is built on Hadoop, which would weigh more than all of the engine; so it is read
/// here, and the tests write files with that library.
package io.conshelf.engine.orc;
