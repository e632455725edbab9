/// What a service on Azure's management interface is made of: requests and answers, refusals in the shape of that interface, etags, and a store
/// that somebody gives it. It knows neither a web server nor a database.
package io.conshelf.connectors.management;
