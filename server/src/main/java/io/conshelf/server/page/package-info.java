/// Pages that browsers show: which are this server's own, and what they may do.
package io.conshelf.server.page;
