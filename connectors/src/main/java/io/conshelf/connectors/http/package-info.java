/// Requests to web servers, and files that one gives. [WebClient] lets none go to a host that is neither this machine nor listed.
package io.conshelf.connectors.http;
