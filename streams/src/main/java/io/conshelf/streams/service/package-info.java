/// Stream Analytics as a service: the management REST interface of `Microsoft.StreamAnalytics`, the jobs that it stores, and those that it runs.
///
/// [StreamService] is the way in. It knows neither a web server nor a database, and nothing of Flink: [io.conshelf.connectors.management] carries what a
/// front door hands over and says what is needed of a store, [io.conshelf.streams.run.JobHost] runs jobs. [Address] reads paths, [Jobs] holds what is
/// stored, [JobResources] answers what concerns it, [JobRuns] starts and stops, [QuerySteps] compiles and tries queries.
package io.conshelf.streams.service;
