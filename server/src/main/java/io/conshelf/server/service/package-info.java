/// The seam for services beside the cluster: they offer routes and get a store, and know nothing else of the server.
package io.conshelf.server.service;
