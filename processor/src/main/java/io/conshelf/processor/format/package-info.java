/// How payloads are written: raw, JSON, CSV, MessagePack, CBOR, Protocol Buffers.
///
/// Payloads come from anybody. What is read is bounded in bytes, in values and in depth ([FormatLimits]), and a length that a header claims is held against the
/// bytes that are there before anything is made of it.
package io.conshelf.processor.format;
