/// External tables: files and tables of SQL servers that queries read where they are, and that exports write. What a database
/// knows of them is [io.conshelf.engine.store.ExternalTable]; how files are parsed stands in `ingest`.
package io.conshelf.engine.external;
