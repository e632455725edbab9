/// What pipelines and datasets are, and how they are read: [PipelineDefinition] and [DatasetDefinition] are what the rest of the module knows;
/// [Definitions] reads them from files in every form they come in. What stages there are, and what becomes of each of their properties, is declared in
/// [StageTypes]; [SettingsCheck] holds what is stated against that, so that every mistake is told at once and where its author wrote it.
package io.conshelf.processor.definition;
