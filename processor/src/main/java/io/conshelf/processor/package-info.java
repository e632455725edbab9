/// Data Processor: pipelines that read messages, carry them through stages and write them somewhere, most of all into Azure Data Explorer.
///
/// `definition` reads pipelines and datasets and says what is wrong with them; `value`, `path` and `jq` are the languages of their fields; `format` turns
/// bytes into values and back; `stage` holds the stages, which know nothing of who runs them; `source` and `destination` are the ends; `run` carries messages
/// through, with checkpoints; `service` is the management interface.
package io.conshelf.processor;
