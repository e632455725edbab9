/// How data becomes rows: formats, mappings, conversion, and the two ways in.
///
/// [Ingestion] is the door. A source is bytes in a [Format]; a [RecordMapping] says which field of a record goes to which
/// column; [FieldText] turns the text of a field into a value of the column's type, by the rule that a bad value is null and
/// never fails a record. Delimited text and JSON are parsed here ([DelimitedText], [JsonRecords]) where exactness or
/// visibility counts, as are Avro ([AvroFeed]) and logs ([LogFileFeed]); files of delimited text and Parquet are read by DuckDB ([DelimitedFile], [ParquetFile]) where speed does, with
/// the same conversions in SQL.
///
/// To add a format: a constant in [Format], and its reader in [Sources].
package io.conshelf.engine.ingest;
