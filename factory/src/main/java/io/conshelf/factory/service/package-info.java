/// Data Factory as a service: the management REST interface of `Microsoft.DataFactory`, what it stores, and the runs it starts.
///
/// [FactoryService] is the way in. It knows neither a web server nor a database: [ManagementRequest] and [ManagementAnswer] carry what
/// a front door hands over, [ServiceStore] says what is needed of a store. [Address] reads paths, [Definitions] holds the resources,
/// [FactoryRuns] starts pipelines and keeps their history through [RunLog].
package io.conshelf.factory.service;
