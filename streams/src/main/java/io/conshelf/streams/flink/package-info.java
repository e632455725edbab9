/// Runs jobs on Apache Flink: the embedded cluster, which starts with the first job, or one elsewhere. Flink's classes are used here and nowhere else, so
/// that what starts no job does not load them.
///
/// A plan becomes a graph ([JobPlan]): an [InputSource] for each input, whose readers put events in order; [RowHost] for steps without memory, [StepHost] for
/// those that remember rows by key, [ReferenceHost] for joins with reference data, and an [OutputHost] for each output. Watermarks are ticks of 100 ns, not
/// milliseconds: Flink passes them on as numbers, so nothing is rounded. Where each substream has its own time, it travels among the rows ([InBand]) and a
/// [SubstreamHost] runs steps with memory.
package io.conshelf.streams.flink;
