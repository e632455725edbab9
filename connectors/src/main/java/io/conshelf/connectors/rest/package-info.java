/// Services that answer with JSON, page by page. [Paging] reads the rules by which one page leads to the next.
package io.conshelf.connectors.rest;
