/// Pages that browsers show: which are this server's own.
package io.conshelf.server.page;
