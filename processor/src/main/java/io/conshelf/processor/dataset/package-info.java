/// Reference data: [ReferenceData] holds the datasets of an instance, for all of its pipelines; a [Dataset] is filled by destinations and looked up by
/// enrich stages. What a dataset holds is durable where it has a [RecordJournal].
package io.conshelf.processor.dataset;
