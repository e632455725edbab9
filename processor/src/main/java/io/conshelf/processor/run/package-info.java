/// Pipelines at work: [io.conshelf.processor.run.PipelineRun] reads, partitions, hands on, makes checkpoints and acknowledges.
package io.conshelf.processor.run;
