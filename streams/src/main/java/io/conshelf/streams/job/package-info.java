/// What a job is, and how it is read: [JobDefinition] is what the rest of the module knows; [Project] reads it from a project folder, an ARM template
/// or the JSON of the management interface. The other forms are translated into that JSON, which [JobJson] reads, so that every form is judged by
/// the same rules; a mistake is told where the author wrote it.
///
/// What stores, formats and functions there are, and which of their properties do something, is declared in [Datasources] and [Formats].
package io.conshelf.streams.job;
