/// Data Factory on one's own machine.
///
/// [FactoryRunner] is the way in: it loads a factory folder, checks a pipeline and runs it, tells a [RunListener] what happens and returns a
/// [RunRecord]. `definition` reads the folder, `expression` is the language, `activity` holds the activities, `copy` moves data. Here is what
/// drives them: [PipelineRun] is one run, [ActivityGraph] starts activities in the order of their dependencies, [ActivityExecution] runs one
/// with its retries and timeout.
package io.conshelf.factory;
