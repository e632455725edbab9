/// Bytes of inputs as events, rows as bytes of outputs. What cannot be read as an event is told by the service's name for it and never ends a job.
package io.conshelf.streams.format;
