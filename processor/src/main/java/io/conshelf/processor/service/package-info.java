/// Data Processor as a service: the management interface of `Microsoft.IoTOperationsDataProcessor`, and the pipelines that it runs. It knows neither a web
/// server nor a database, and gets what starts pipelines from whoever opens it.
package io.conshelf.processor.service;
